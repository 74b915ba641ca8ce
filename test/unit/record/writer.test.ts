import {expect} from 'chai';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {noValue} from '../../../src/signals/missing.js';
import type {Disk} from '../../../src/system/files.js';
import type {Event, EventBody} from '../../../src/record/events.js';
import {parseEvents, readEvidence} from '../../../src/record/reader.js';
import {RecordWriter, type RecordOptions} from '../../../src/record/writer.js';
import {outstanding} from '../../../src/run/safety/debts.js';
import {systemClock} from '../../../src/system/clock.js';
import {systemDisk} from '../../../src/system/files.js';
import {openSecrets} from '../../../src/system/secrets.js';
import {debt, RUN, untilBaseline} from '../../support/records.js';

const noted = (text: string): EventBody => ({type: 'noted', level: 'info', text});
const owed = (id: string): EventBody => ({type: 'debts.owed', occurrence: 'freeze', debts: [debt({id})]});

/** A disk on which the writes to some files fail; those that are `torn` leave half of their text behind. */
function failing(disk: Disk, fate: (path: string, text: string) => 'works' | 'full' | 'torn'): Disk {
  return {
    ...disk,
    append: async (path, text, durable) => {
      const happens = fate(path, text);
      if (happens === 'torn') await disk.append(path, text.slice(0, text.length / 2), durable);
      if (happens !== 'works') throw new Error('ENOSPC: no space left on device');
      await disk.append(path, text, durable);
    },
  };
}

describe('The writer of a record', () => {
  let folder: string;
  let ledger: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-record-'));
    ledger = join(folder, 'ledger.ndjson');
  });
  afterEach(() => rm(folder, {recursive: true, force: true}));

  const write = (overrides: Partial<RecordOptions> = {}) =>
    new RecordWriter({
      disk: systemDisk,
      clock: systemClock(),
      folder,
      ledger,
      by: 'runner',
      epoch: 1,
      firstSeq: 0,
      redact: text => text,
      ...overrides,
    });
  const eventsIn = async (name: string) => parseEvents(await readFile(join(folder, name), 'utf8'));

  it('keeps events in the order in which they were told, durable or not', async () => {
    const record = write();
    record.event(noted('one'));
    const durable = record.durable(owed('a'));
    record.event(noted('two'));
    await durable;
    record.event(noted('three'));
    await record.flush();
    const text = await readFile(join(folder, 'events.ndjson'), 'utf8');
    const written = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Event);
    expect(written.map(event => event.seq)).to.deep.equal([0, 1, 2, 3]);
    expect(written.map(event => event.type)).to.deep.equal(['noted', 'debts.owed', 'noted', 'noted']);
  });

  it('has a durable event in the ledger and in the run folder once it is answered', async () => {
    const record = write();
    await record.durable(owed('a'));
    expect(outstanding((await eventsIn('ledger.ndjson')).events).map(debt => debt.id)).to.deep.equal(['a']);
    expect((await eventsIn('events.ndjson')).events).to.have.length(1);
  });

  it('writes durable events also when the run folder is gone', async () => {
    await write({folder: undefined}).durable(owed('a'));
    expect((await eventsIn('ledger.ndjson')).events).to.have.length(1);
  });

  it('rejects a debt that the ledger cannot take, and goes on', async () => {
    let full = true;
    const disk = failing(systemDisk, path => (full && path === ledger ? 'full' : 'works'));
    const record = write({disk});
    const refused = await record.durable(owed('a')).catch((error: unknown) => error);
    expect(String(refused)).to.contain('ENOSPC');
    full = false;
    await record.durable(owed('b'));
    expect(outstanding((await eventsIn('ledger.ndjson')).events).map(debt => debt.id)).to.deep.equal(['b']);
  });

  it('remembers that the run folder is incomplete without holding anything up', async () => {
    const disk = failing(systemDisk, path => (path === ledger ? 'works' : 'full'));
    const record = write({disk});
    expect(record.broken).to.equal(undefined);
    await record.durable(owed('a'));
    record.event(noted('lost'));
    await record.flush();
    expect(record.broken).to.contain('ENOSPC');
    expect((await eventsIn('ledger.ndjson')).events).to.have.length(1);
  });

  it('loses no debt that follows a torn line', async () => {
    let writes = 0;
    const disk = failing(systemDisk, path => (path === ledger && ++writes === 1 ? 'torn' : 'works'));
    const record = write({disk});
    const answers = await Promise.allSettled([record.durable(owed('torn')), record.durable(owed('kept'))]);
    expect(answers.map(answer => answer.status)).to.deep.equal(['rejected', 'fulfilled']);
    const {events, torn} = await eventsIn('ledger.ndjson');
    expect(torn).to.equal(1);
    expect(outstanding(events).map(debt => debt.id)).to.deep.equal(['kept']);
  });

  it('starts on a line of its own behind a writer that died in the middle of one', async () => {
    await write().durable(owed('a'));
    await systemDisk.append(ledger, '{"v":1,"seq":1,"type":"debts.set', true);
    const successor = write({by: 'guardian', epoch: 2, firstSeq: 2});
    await successor.durable({type: 'takeover', from: 1, why: 'the runner is gone'});
    const {events} = await eventsIn('ledger.ndjson');
    expect(events.map(event => event.type)).to.deep.equal(['debts.owed', 'takeover']);
  });

  it('drops an observer that throws and tells the others', async () => {
    const heard: string[] = [];
    const record = write();
    record.subscribe({
      event: () => {
        throw new Error('broken view');
      },
    });
    const unsubscribe = record.subscribe({event: event => heard.push(event.type)});
    record.event(noted('one'));
    unsubscribe();
    record.event(noted('two'));
    await record.flush();
    expect(heard).to.deep.equal(['noted']);
    expect((await eventsIn('events.ndjson')).events).to.have.length(2);
  });

  it('keeps one column chunk per series and second, which reads back as it was measured', async () => {
    const record = write();
    await record.durable(untilBaseline().events[0]!);
    for (const id of [0, 1]) record.event({type: 'series.opened', id, metric: `m${id}`, unit: 'count'});
    const samples = [
      {t: 5_100_000, d: 10, value: 1},
      {t: 5_900_000, d: 11, ...noValue('refused', 'connection refused')},
      {t: 6_000_000, d: 12, value: 0.25},
      {t: 6_200_000, d: 0, value: 0.5, lasts: 1_000_000, counted: {bad: 1, total: 2}},
      {t: 6_300_000, d: 0, value: null, why: 'no traffic', counted: {bounds: [1, 2], counts: [0, 0, 0]}},
    ];
    for (const sample of samples) record.sample(0, sample);
    record.sample(1, {t: 5_500_000, d: 1, value: 7});
    await record.flush();
    const lines = (await readFile(join(folder, 'samples.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines).to.have.length(3);
    const {series} = await readEvidence(systemDisk, folder);
    expect(series.map(one => one.samples)).to.deep.equal([samples, [{t: 5_500_000, d: 1, value: 7}]]);
  });

  describe('with secrets', () => {
    const reveal = (value: string) => {
      const secrets = openSecrets({PASSWORD: value});
      secrets.reveal('${secret:env:PASSWORD}');
      return (text: string) => secrets.redact(text);
    };

    it('takes them out of what it writes and of what it tells', async () => {
      const told: string[] = [];
      const record = write({redact: reveal('hunter22')});
      record.subscribe({
        event: event => told.push(JSON.stringify(event)),
        sample: (_, sample) => told.push(JSON.stringify(sample)),
      });
      record.event(noted('login with hunter22 failed'));
      record.event({type: 'change.failed', occurrence: 'freeze', why: 'psql://u:hunter22@db'});
      record.sample(0, {t: 1_000_000, d: 1, value: null, why: 'bad password hunter22'});
      await record.durable({type: 'undo.requested', occurrence: 'freeze', why: {kind: 'bug', detail: 'hunter22'}});
      await record.flush();
      const files = ['events.ndjson', 'samples.ndjson', 'ledger.ndjson'].map(name =>
        readFile(join(folder, name), 'utf8'),
      );
      const all = [...told, ...(await Promise.all(files))].join('\n');
      expect(all).to.contain('***').and.not.contain('hunter22');
      expect(told).to.have.length(4);
    });

    for (const secret of ['docker', 'undone', 'debts', '1000', '5000', 'true', 'container', 'owed']) {
      it(`loses no debt when a secret happens to be \`${secret}\``, async () => {
        const record = write({redact: reveal(secret)});
        await record.durable(owed('a'));
        await record.durable(owed('b'));
        const settled = [{debt: 'a', outcome: 'undone', detail: `it was ${secret}`}] as const;
        await record.durable({type: 'debts.settled', occurrence: 'freeze', settled});
        const {events, torn} = await eventsIn('ledger.ndjson');
        expect(torn).to.equal(0);
        expect(outstanding(events)).to.deep.equal([debt({id: 'b'})]);
        expect(outstanding(events)[0]?.run).to.equal(RUN);
      });
    }
  });
});
