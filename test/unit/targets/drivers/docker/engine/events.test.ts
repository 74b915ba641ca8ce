import {expect} from 'chai';
import type {Engine} from '../../../../../../src/targets/drivers/docker/engine/engine.js';
import {touchedBetween} from '../../../../../../src/targets/drivers/docker/engine/events.js';

function telling(events: readonly object[]): Engine {
  const text = events.map(event => JSON.stringify(event)).join('\n');
  const stream = (async function* () {
    yield await Promise.resolve(Buffer.from(text));
  })();
  const docker = {getEvents: () => Promise.resolve(stream)};
  return {
    docker,
    read: (call: (signal: AbortSignal) => unknown) => call(AbortSignal.timeout(1_000)),
  } as unknown as Engine;
}

const touched = (events: readonly object[]) => touchedBetween(telling(events), 0, 1, AbortSignal.timeout(1_000));

describe("the engine's events", () => {
  it('name the container that something happened to, also that of a network', async () => {
    const events = [
      {Action: 'update', Actor: {ID: 'a'}},
      {Action: 'disconnect', Actor: {ID: 'net', Attributes: {container: 'b'}}},
      {Action: 'exec_start: true', Actor: {ID: 'c'}},
    ];
    expect([...((await touched(events)) ?? [])])
      .to.include.members(['a', 'b'])
      .and.not.to.include('c');
  });

  it('tell nothing where there were more than the engine keeps', async () => {
    expect(await touched(Array.from({length: 256}, () => ({Action: 'exec_die', Actor: {ID: 'c'}})))).to.equal(
      undefined,
    );
  });
});
