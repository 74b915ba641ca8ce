import {expect} from 'chai';
import {connectionDrafts} from '../../../../../src/targets/drivers/proxy/drafts.js';
import {selector} from '../../../../../src/targets/drivers/proxy/selector.js';
import type {TargetRef} from '../../../../../src/targets/contract.js';

const ref: TargetRef = {
  driver: 'proxy',
  kind: 'connection',
  name: 'inventory',
  endpoint: 'e',
  object: 'inventory',
  incarnation: 'i',
};
const can = connectionDrafts({control: 'http://127.0.0.1:8474', tokenFile: '/s/proxies/127.0.0.1:8474.token'});
const latency = {delayMs: 200, jitterMs: 20, direction: 'downstream', share: 0.5, ttlMs: 60_000} as const;

describe('proxy selector', () => {
  it('takes a name, or a name and a control address', () => {
    const usual = {name: 'inventory', control: 'http://127.0.0.1:8474'};
    expect(selector().parse('inventory')).to.deep.equal(usual);
    expect(selector().parse({name: 'inventory'})).to.deep.equal(usual);
    const other = {name: 'a', control: 'http://[::1]:9/'};
    expect(selector().parse(other)).to.deep.equal({name: 'a', control: 'http://[::1]:9'});
  });

  for (const wrong of [
    '',
    'a/b',
    {},
    {name: 'a', port: 1},
    {name: 'a', control: 'https://127.0.0.1:1'},
    {name: 'a', control: 'http://10.0.0.1:8474'},
    {name: 'a', control: 'http://127.0.0.1:8474/x'},
    {name: 'a', control: 'http://127.0.0.1.example:8474'},
  ]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      expect(selector().safeParse(wrong).success).to.equal(false);
    });
  }
});

describe('proxy drafts', () => {
  it('are the same data every time, so that a plan can be approved', async () => {
    expect(await can.latency(ref, latency)).to.deep.equal(await can.latency(ref, latency));
  });

  it('say in words what is done, for whom and how to undo it by hand', async () => {
    const change = await can.latency(ref, latency);
    expect(change.summary).to.equal(
      'inventory: delay what is answered by 200ms ± 20ms, 50% of the connections (toxic `latency-downstream` in the proxy)',
    );
    expect(change.undo).to.have.property(
      'manual',
      'curl -H @/s/proxies/127.0.0.1:8474.token -X DELETE http://127.0.0.1:8474/v1/connections/inventory/toxics/latency-downstream',
    );
    expect(change.keeper).to.equal('target');
    expect(change.undo).to.include({lifetime: 'incarnation'});
  });

  it('outlive the fault a little, so that the undo ends it and not the time to live', async () => {
    expect((await can.latency(ref, latency)).flip.args['ttlMs']).to.be.within(70_000, 120_000);
  });

  it('claim each direction by itself, so that two may be slowed differently but none twice', async () => {
    const claims = async (direction: 'both' | 'upstream' | 'downstream') =>
      (await can.latency(ref, {...latency, direction})).claims;
    expect(await claims('upstream')).to.deep.equal(['toxic:latency:upstream']);
    expect(await claims('both')).to.have.members(['toxic:latency:upstream', 'toxic:latency:downstream']);
    expect((await can.down(ref, {ttlMs: 1})).claims).to.deep.equal(['toxic:down']);
    expect((await can.down(ref, {ttlMs: 1})).touches).to.include('enabled');
  });

  it('draw other connections for another share or another connection', async () => {
    const seed = async (share: number, object: string) =>
      (await can.reset({...ref, object}, {share, ttlMs: 1})).flip.args['seed'];
    const seeds = await Promise.all([seed(0.5, 'a'), seed(0.6, 'a'), seed(0.5, 'b')]);
    expect(new Set(seeds).size).to.equal(3);
  });
});
