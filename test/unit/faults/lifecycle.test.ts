import {expect} from 'chai';
import type {AnyFault} from '../../../src/faults/contract.js';
import {fault as kill} from '../../../src/faults/kill/index.js';
import {fault as pause} from '../../../src/faults/pause/index.js';
import {fault as restart} from '../../../src/faults/restart/index.js';
import {fault as stop} from '../../../src/faults/stop/index.js';
import type {JsonObject} from '../../../src/quantities/json.js';
import type {Change, Drafts, TargetRef} from '../../../src/targets/contract.js';
import {formOn} from '../../support/fault-form.js';

function target(object: string): TargetRef {
  return {driver: 'memory', kind: 'process', name: object, endpoint: 'e', object, incarnation: '1'};
}

/** Drafts that note what they were asked for. */
function noting(asked: unknown[]): Pick<Drafts, 'lifecycle'> {
  const note =
    (name: string) =>
    (t: TargetRef, options?: unknown): Promise<Change> => {
      asked.push([name, t.object, options]);
      return Promise.resolve({summary: name} as unknown as Change);
    };
  return {lifecycle: {pause: note('pause'), kill: note('kill'), stop: note('stop'), restart: note('restart')}};
}

async function draft(fault: AnyFault, written: unknown, objects = ['a']): Promise<unknown[]> {
  const asked: unknown[] = [];
  await formOn(fault, 'container').draft({
    targets: objects.map(target),
    parameters: formOn(fault, 'container').parameters().parse(written) as JsonObject,
    can: noting(asked),
    heal: 'platform',
    forMs: 1000,
    named: {},
    signal: AbortSignal.timeout(1000),
  });
  return asked;
}

const problems = (fault: AnyFault, written: unknown) =>
  (formOn(fault, 'container').parameters().safeParse(written).error?.issues ?? []).map(issue => issue.message);

describe('Faults that end or freeze a target', () => {
  it('drafts one change per target, and none for no target', async () => {
    expect(await draft(pause, {}, ['a', 'b'])).to.deep.equal([
      ['pause', 'a', undefined],
      ['pause', 'b', undefined],
    ]);
    expect(await draft(kill, {}, [])).to.deep.equal([]);
  });

  it('kills with SIGKILL unless the file names another signal', async () => {
    expect(await draft(kill, {})).to.deep.equal([['kill', 'a', {signal: 'KILL', heal: 'platform'}]]);
    expect(await draft(kill, {signal: 'SIGTERM'})).to.deep.equal([['kill', 'a', {signal: 'TERM', heal: 'platform'}]]);
    expect(await draft(kill, {signal: 'USR1'})).to.deep.equal([['kill', 'a', {signal: 'USR1', heal: 'platform'}]]);
  });

  it('leaves nothing to put back where the file says so with a reason, but not with a signal that nothing survives', async () => {
    const undo = {nothing: 'it only reloads'};
    expect(await draft(kill, {signal: 'HUP', undo})).to.deep.equal([
      ['kill', 'a', {signal: 'HUP', heal: 'platform', nothing: 'it only reloads'}],
    ]);
    expect(problems(kill, {undo})[0]).to.include('`KILL` ends every process');
    expect(problems(kill, {signal: 'HUP', undo: {nothing: ' '}})).to.have.length(1);
  });

  it('does not freeze by a signal, because that would have no undo', () => {
    expect(problems(kill, {signal: 'STOP'})).to.have.length(1);
    expect(problems(kill, {signal: 'kill'})).to.have.length(1);
  });

  it('stops and restarts with a grace of 10 s unless the file says otherwise', async () => {
    expect(await draft(stop, {})).to.deep.equal([['stop', 'a', {graceMs: 10_000, heal: 'platform'}]]);
    expect(await draft(restart, {grace: '500ms'})).to.deep.equal([['restart', 'a', {graceMs: 500}]]);
    expect(problems(stop, {grace: 5})[0]).to.include('got `5`');
  });

  it('says which are states and which are events', () => {
    expect([pause, kill, stop, restart].map(fault => fault.nature)).to.deep.equal(['state', 'event', 'event', 'event']);
  });

  it('refuses unknown parameters', () => {
    for (const fault of [pause, kill, stop, restart]) expect(problems(fault, {gracee: '1s'})).to.have.length(1);
  });
});
