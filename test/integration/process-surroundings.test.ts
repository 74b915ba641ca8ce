import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import type {Surroundings} from '../../src/targets/surroundings.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {selector} from '../../src/targets/drivers/process/selector.js';
import {endAll, eventually, freePort, freshAmbient, startForeign} from '../support/processes.js';

describe('what is around a process', () => {
  it('is whom it has connections with, by name, on either side', async () => {
    const ambient = freshAmbient();
    const port = await freePort();
    const title = `caller-${process.pid}`;
    const server = await startForeign([
      process.execPath,
      '-e',
      `process.title='db-${process.pid}';require('net').createServer(() => {}).listen(${port}, '127.0.0.1')`,
    ]);
    const call = `process.title='${title}';const go=()=>require('net').connect(${port},'127.0.0.1').on('error',()=>setTimeout(go,50));go();go()`;
    const caller = await startForeign([process.execPath, '-e', call]);
    try {
      const written = selector().parse({name: `^db-${process.pid}$`}) as unknown as JsonObject;
      const reader = await driver.reader(driver.address(written, ambient), ambient);
      const never = new AbortController().signal;
      const [found] = await eventually(
        () => reader.resolve(written, never),
        all => all.length > 0,
      );
      const refs = [{...found!.ref, name: 'db'}];
      const look = () => reader.around!(refs, undefined, never);
      const seen = await eventually<Surroundings>(look, ({targets}) => targets[0]?.peers[0]?.connections === 2);
      expect(seen.targets).to.deep.equal([
        {
          object: found!.ref.object,
          name: 'db',
          peers: [{name: title.slice(0, 15), kind: 'process', way: 'from', port, connections: 2}],
        },
      ]);
      const callers = selector().parse({name: `^${title}$`}) as unknown as JsonObject;
      const [calling] = await reader.resolve(callers, never);
      const both = await reader.around!([...refs, calling!.ref], undefined, never);
      expect(both.targets.map(({name, peers}) => [name, peers.map(peer => [peer.way, peer.name])])).to.deep.equal([
        ['db', [['from', title]]],
        [title, [['to', 'db']]],
      ]);
      await endAll([server]);
      const gone = await eventually<Surroundings>(look, ({targets}) => targets[0]?.why !== undefined);
      expect(gone.targets[0]).to.include({why: 'it does not run'});
    } finally {
      await endAll([server, caller]);
      ambient.dispose();
    }
  });
});
