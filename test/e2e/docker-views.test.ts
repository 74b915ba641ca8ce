import {expect} from 'chai';
import {DockerBench, patience} from '../support/docker-bench.js';
import {proxyEngine, type EngineProxy} from '../support/docker-proxy.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

const COUNT = 5;

describeWith('docker', 'A second look at containers', () => {
  const label = uniqueName('views');
  const name = (nth: number) => `${label}-${nth}`;
  let proxy: EngineProxy;
  let bench: DockerBench;

  before(async () => {
    proxy = await proxyEngine();
    bench = new DockerBench({host: proxy.host});
  });
  beforeEach(async () => {
    for (let nth = 0; nth < COUNT; nth += 1) {
      await runContainer({name: name(nth), command: ['sleep', '600'], args: ['--stop-signal', 'KILL']});
    }
  });
  afterEach(() => removeAll(label));
  after(async () => {
    await bench.close();
    await proxy.close();
  });

  const inspects = () => proxy.seen.filter(one => /^GET \/containers\/[0-9a-f]{64}\/json/.test(one)).length;

  it('reads only those again that something happened to: a restart, new limits, another network', async () => {
    const reader = await bench.reader();
    const resolve = () => reader.resolve({namePattern: `${label}-\\d`}, patience());
    const first = await resolve();
    const refs = first.map(({ref}) => ref);
    const before = await reader.facets(refs, patience());
    const unread = inspects();
    expect((await resolve()).map(({ref}) => ref)).to.deep.equal(refs);
    expect(await reader.facets(refs, patience())).to.deep.equal(before);
    expect(inspects()).to.equal(unread);

    await docker('restart', name(0));
    await docker('update', '--pids-limit', '77', name(1));
    await docker('network', 'disconnect', 'bridge', name(2));
    await docker('pause', name(3));
    const second = await resolve();
    const after = await reader.facets(refs, patience());
    await docker('unpause', name(3));
    const of = (nth: number) => refs[nth]?.object ?? '';
    expect(second[0]?.ref.incarnation).not.to.equal(refs[0]?.incarnation);
    expect(after[of(1)]).to.include({pids: 77});
    expect(after[of(2)]?.['networks']).to.deep.equal({});
    expect([second[3]?.status, after[of(3)]?.['paused']]).to.deep.equal(['paused', true]);
    expect([second[4]?.ref, after[of(4)]]).to.deep.equal([refs[4], before[of(4)]]);
    await reader.close();
  });

  it('tells one that is gone, and reads everything where the events cannot be asked for', async () => {
    const reader = await bench.reader();
    const refs = (await reader.resolve({namePattern: `${label}-\\d`}, patience())).map(({ref}) => ref);
    await docker('rm', '-f', name(0));
    expect((await reader.facets(refs, patience()))[refs[0]?.object ?? '']).to.deep.equal({exists: false});
    proxy.disturb({path: /^\/events/, then: {do: 'answer', status: 500, message: 'no'}});
    const unread = inspects();
    await reader.resolve({namePattern: `${label}-\\d`}, patience());
    expect(inspects() - unread).to.equal(COUNT - 1);
    proxy.calm();
    await reader.close();
  });
});
