import {expect} from 'chai';
import type {JsonObject} from '../../src/quantities/json.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {selector} from '../../src/targets/drivers/process/selector.js';
import {endAll, eventually, freshAmbient, startForeign} from '../support/processes.js';

describe('the name of a process', () => {
  it('shows nothing of a secret that it is too short for', async () => {
    const ambient = freshAmbient();
    const secret = ambient.reveal('${secret:env:TEST_SECRET}');
    const command = ['-e', 'setTimeout(()=>{},6e4)', 'x'.repeat(12)];
    const who = await startForeign([process.execPath, ...command, secret, 'shop']);
    try {
      const written = selector().parse({name: '^.*setTimeout.*x{12} hunter2 shop$'}) as unknown as JsonObject;
      const reader = await driver.reader(driver.address(written, ambient), ambient);
      const [found] = await reader.resolve(written, new AbortController().signal);
      expect(found?.ref.name).to.equal(`node ${command.join(' ')} ***…`);
    } finally {
      await endAll([who]);
      ambient.dispose();
    }
  });

  it('is the title that a process gave itself, without what fills up the space of its first command line', async () => {
    const ambient = freshAmbient();
    const title = `shop-${process.pid}`;
    const script = `process.title='${title}';setTimeout(()=>{},6e4)`;
    const who = await startForeign([process.execPath, '-e', script, 'x'.repeat(50)]);
    try {
      const written = selector().parse({name: `^${title}$`}) as unknown as JsonObject;
      const reader = await driver.reader(driver.address(written, ambient), ambient);
      const find = () => reader.resolve(written, new AbortController().signal);
      const [found] = await eventually(find, all => all.length > 0);
      expect(found?.ref.name).to.equal(title);
    } finally {
      await endAll([who]);
      ambient.dispose();
    }
  });
});
