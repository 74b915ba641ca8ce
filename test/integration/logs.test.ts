import {expect} from 'chai';
import {appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {openLog, type OpenLog} from '../../src/signals/logs/open.js';
import type {ReadEvent} from '../../src/signals/logs/followed.js';
import {systemClock} from '../../src/system/clock.js';
import {suiteFolder} from '../support/shop.js';

/** Waits until it holds; a log is looked at ten times a second. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !holds(); i++) await delay(50);
  expect(holds(), 'it did not come in 15 s').to.equal(true);
}

describe('a log file that is followed', function () {
  this.timeout(60_000);
  const folder = suiteFolder();
  const opened: OpenLog[] = [];
  afterEach(async () => {
    for (const {sources} of opened.splice(0)) for (const source of sources) await source.close();
  });

  const follow = (file: string, errors?: string) => {
    const events: ReadEvent[] = [];
    const spec = {name: 'log', place: {file}, ...(errors === undefined ? {} : {errors})};
    const open = openLog(spec, {
      clock: systemClock(),
      redact: text => text,
      targets: {},
      onEvent: event => events.push(event),
    });
    opened.push(open);
    const work = () => open.log.work(() => true);
    const lines = (count: number) => until(() => open.log.counts.lines >= count);
    const texts = () => {
      open.log.finish(() => true);
      return events.map(({text}) => text);
    };
    return {...open, work, lines, texts, events};
  };

  it('is read from its end on, line by line', async () => {
    const path = join(folder.path, 'plain.log');
    writeFileSync(path, 'old\n');
    const {log, lines, texts} = follow(path);
    await delay(300);
    appendFileSync(path, 'new one\nnew ');
    await lines(1);
    appendFileSync(path, 'two\n');
    await lines(2);
    expect(texts()).to.deep.equal(['new one', 'new two']);
    expect(log.why).to.equal(undefined);
  });

  it('is read from its beginning where it appears later, and says so until then', async () => {
    const path = join(folder.path, 'later/app.log');
    const {log, lines, texts} = follow(path);
    await until(() => log.why !== undefined);
    expect(log.why?.why).to.equal('there is no such file (yet)');
    mkdirSync(join(folder.path, 'later'));
    writeFileSync(path, 'first\n');
    await lines(1);
    await until(() => log.why === undefined);
    expect(texts()).to.deep.equal(['first']);
  });

  it('is followed through a rotation and through a cut, without a line lost or doubled', async () => {
    const path = join(folder.path, 'rotated.log');
    writeFileSync(path, '');
    const {log, lines, texts} = follow(path);
    await delay(300);
    appendFileSync(path, 'one\n');
    await lines(1);
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'two, to the old file\n');
    await lines(2);
    writeFileSync(path, 'three\n');
    await lines(3);
    truncateSync(path);
    await delay(300);
    appendFileSync(path, 'four\n');
    await lines(4);
    rmSync(path);
    writeFileSync(path, 'five\n');
    await lines(5);
    expect(texts()).to.deep.equal(['one', 'two, to the old file', 'three', 'four', 'five']);
    expect(log.counts).to.deep.equal({lines: 5, errors: 0, unread: 0, passedBytes: 0});
  });

  it('that is no file is never opened for reading, and told', async () => {
    const {log} = follow(folder.path);
    await until(() => log.why !== undefined);
    expect(log.why?.why).to.match(/^the file cannot be read \((it is no regular file|EISDIR)\)$/);
  });

  it('with what was written badly is counted and shown as text', async () => {
    const path = join(folder.path, 'hostile.log');
    writeFileSync(path, '');
    const {log, lines, texts} = follow(path);
    await delay(300);
    const megabyte = `ERROR ${'A'.repeat(2 ** 20)}`;
    appendFileSync(path, `${megabyte}\n\u001b[31mERROR\u001b[0m \u202ered\u200b \u001b]0;title\u0007end\n`);
    appendFileSync(path, Buffer.concat([Buffer.from('ERROR '), Buffer.from([0xc3, 0x28, 0, 0xff]), Buffer.from('\n')]));
    await lines(3);
    const [long, coloured, broken] = texts();
    expect(long).to.have.length(4096);
    expect(coloured).to.equal('ERROR �red� end');
    expect(broken).to.equal('ERROR �(␀�');
    expect(log.counts.errors).to.equal(3);
  });

  it('counts as errors what a pattern of the file says', async () => {
    const path = join(folder.path, 'pattern.log');
    writeFileSync(path, '');
    const {log, lines, texts} = follow(path, '^(a+)+$|timed out');
    await delay(300);
    appendFileSync(path, `ERROR by level\nrequest timed out\n${'a'.repeat(4000)}b\n`);
    await lines(3);
    expect(texts()).to.have.length(3);
    expect(log.counts.errors).to.equal(1);
  });

  it('that brings more than can be looked at is counted all the same', () => {
    const {log, work} = follow(join(folder.path, 'none.log'));
    const line = Buffer.from('INFO one of many\n');
    for (let i = 0; i < 50_000; i++) log.write('file', line);
    expect(log.counts).to.deep.include({lines: 50_000, unread: 30_000});
    expect(log.backlog).to.equal(20_000);
    work();
    expect(log.backlog).to.equal(0);
    log.write('file', line);
    expect(log.counts.unread).to.equal(30_000);
  });
});
