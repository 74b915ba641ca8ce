import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {identityOf, isAlive} from '../../src/system/processes.js';
import type {AuthorCommand} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/command/driver.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {freshAmbient, until} from '../support/processes.js';
import {watchLateness} from '../support/lateness.js';

describe('Commands of the author', () => {
  const late = watchLateness();
  let ambient: ReturnType<typeof freshAmbient>;
  let opened: Opened;

  beforeEach(async () => {
    ambient = freshAmbient();
    opened = await openDriver(driver, {}, ambient);
  });
  afterEach(() => {
    ambient.dispose();
  });

  const path = (name: string) => join(ambient.folder, name);
  const shell = (script: string, timeoutMs = 5_000): AuthorCommand => ({
    run: [script],
    shell: true,
    cwd: ambient.folder,
    environment: {},
    timeoutMs,
  });
  const target = {
    driver: 'docker',
    kind: 'container',
    name: 'shop-inventory-1',
    endpoint: 'engine',
    object: 'abc123',
    incarnation: '1',
  } as const;
  const draft = (act: AuthorCommand, undo?: AuthorCommand, proof?: AuthorCommand) =>
    opened.reader.drafts.author!.act(target, {do: act, undo, proof});

  it('tells the commands which target they are for', async () => {
    const change = await draft(shell('echo "$FIREDRILL_TARGET_NAME $FIREDRILL_TARGET_ID" > told'), shell('rm told'));
    const debt = await opened.inject(change);
    expect(readFileSync(path('told'), 'utf8')).to.equal('shop-inventory-1 abc123\n');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
  });

  it('leaves no file of its own once nothing is owed', async () => {
    const debt = await opened.inject(await draft(shell('touch a'), shell('rm a')));
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    const left = ['marks', 'leases', 'commands', 'locks'].map(name => join(ambient.stateDir, name)).filter(existsSync);
    expect(left.flatMap(folder => readdirSync(folder))).to.deep.equal([]);
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('runs nothing but the proof while it plans', async () => {
    const change = await draft(shell('touch done'), shell('touch undone'), shell('test -e done'));
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    expect(change.summary).to.include('touch done').and.to.include('shop-inventory-1');
    expect([existsSync(path('done')), existsSync(path('undone')), existsSync(ambient.stateDir)]).to.deep.equal([
      false,
      false,
      false,
    ]);
  });

  it('is irreversible without an undo', async () => {
    expect((await draft(shell('true'))).undo)
      .to.have.property('irreversible')
      .that.includes('no `undo`');
  });

  it('has nothing to undo where its author says so', async () => {
    const undo = {nothing: 'it only reloads'};
    const author = opened.reader.drafts.author!;
    const change = await author.act(target, {do: shell('true'), undo, proof: undefined});
    expect(change.undo).to.deep.equal(undo);
  });

  it('keeps different commands for one target apart, and the same ones together', async () => {
    const [a, b, c] = await Promise.all([
      draft(shell('touch a'), shell('rm a')),
      draft(shell('touch b'), shell('rm b')),
      draft(shell('touch a'), shell('rm a')),
    ]);
    expect(a.target.object).to.equal(c.target.object).and.not.equal(b.target.object);
  });

  it('refuses with exit code and output when the command fails, and still undoes what it may have begun', async () => {
    const change = await draft(shell('touch half; echo half way; exit 3'), shell('rm half'));
    const debt = opened.owe(change);
    const [applied] = await opened.apply(change.flip);
    expect(applied).to.include({state: 'refused'});
    expect(applied?.why).to.include('ended with 3; its output: half way');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(existsSync(path('half'))).to.equal(false);
  });

  it('kills a command that takes too long, with all that it started', async () => {
    const change = await draft(
      shell('sleep 300 & echo $! > child; setsid sleep 300 & echo $! > other; wait', 500),
      shell('true'),
    );
    const [applied] = await opened.apply(change.flip);
    expect(applied?.why).to.include('did not end within 500 ms (its `timeout`)');
    for (const name of ['child', 'other']) {
      const pid = Number(readFileSync(path(name), 'utf8'));
      await until(`${name} has ended`, async () => (await identityOf(pid)) === undefined);
    }
  });

  it('does not wait for what a command leaves running on purpose, and lets it run', async () => {
    const begun = performance.now();
    const change = await draft(shell('sleep 300 & echo $! > child'), shell('kill $(cat child)'));
    const debt = await opened.inject(change);
    expect(performance.now() - begun).to.be.lessThan(3_000 + late());
    const who = (await identityOf(Number(readFileSync(path('child'), 'utf8'))))!;
    expect(await isAlive(who)).to.equal(true);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await isAlive(who)).to.equal(false);
  });

  it('keeps only the end of a long output', async () => {
    const [applied] = await opened.apply((await draft(shell('yes | head -c 1000000; echo the end; exit 1'))).flip);
    expect(applied?.why).to.have.length.lessThan(5_000).and.to.include('the end');
  });

  it('says why a program cannot be run', async () => {
    const change = await draft({run: ['/no/such/program'], shell: false, environment: {}, timeoutMs: 1_000});
    expect((await opened.apply(change.flip))[0]?.why).to.include('ENOENT');
  });

  it('takes exit code 0 of the proof for in force, 1 for absent, and everything else for unknown', async () => {
    for (const [exit, state] of [
      [0, 'in-force'],
      [1, 'absent'],
      [2, 'unknown'],
      [127, 'unknown'],
    ] as const) {
      const change = await draft(shell('true'), shell('true'), shell(`exit ${exit}`));
      expect((await opened.prove(change.proof)).state, `exit ${exit}`).to.equal(state);
    }
  });

  it('says that the undo failed, with its output and what to type, and keeps the mark until it works', async () => {
    const change = await draft(
      shell('touch broken'),
      shell('test -e fixed || { echo cannot yet; exit 7; }; rm broken'),
    );
    const debt = await opened.inject(change);
    const settled = await opened.settle(debt);
    expect(settled).to.include({outcome: 'failed'});
    expect(settled).to.have.property('why').that.includes('ended with 7; its output: cannot yet');
    expect(settled)
      .to.have.property('manual')
      .that.matches(/^cd .* && \/bin\/sh -c 'test -e fixed/);
    expect(await opened.owed()).to.have.length(1);
    writeFileSync(path('fixed'), '');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await opened.owed()).to.deep.equal([]);
  });

  it('does not call it undone while the proof still sees the fault', async () => {
    const change = await draft(shell('touch broken'), shell('true'), shell('test -e broken'));
    const debt = await opened.inject(change);
    const actuator = await driver.actuator({}, {run: 'run', epoch: 1, live: () => true}, ambient);
    const [settled] = await actuator.settle([debt], 1_000);
    expect(settled?.outcome).to.equal('failed');
  });

  it('ends a command that a dead runner left in the middle before it undoes it', async () => {
    const change = await draft(shell('touch begun; sleep 2; touch broken'), shell('rm -f begun broken'));
    const debt = opened.owe(change);
    const acting = opened.apply(change.flip);
    await until('it has begun', () => existsSync(path('begun')));
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect((await acting)[0]?.state).to.equal('refused');
    expect((await opened.prove(debt.undo.proof)).state).to.equal('absent');
    await delay(2_200);
    expect(existsSync(path('broken'))).to.equal(false);
  });

  it('runs the undo once when two settle at the same time', async () => {
    const change = await draft(shell('true'), shell('echo undone >> log; sleep 0.2'));
    const debt = await opened.inject(change);
    const both = await Promise.all([opened.settle(debt), opened.settle(debt)]);
    expect(both.map(one => one.outcome)).to.deep.equal(['undone', 'undone']);
    expect(readFileSync(path('log'), 'utf8')).to.equal('undone\n');
  });

  it('resolves secrets when a command runs, and keeps only references', async () => {
    const command = shell('test "$(printf %s "$PASSWORD" | wc -c)" -eq 7');
    const change = await draft({...command, environment: {PASSWORD: '${secret:env:TEST_SECRET}'}}, shell('true'));
    expect(JSON.stringify(change)).to.include('${secret:env:TEST_SECRET}').and.not.include('hunter2');
    expect((await opened.apply(change.flip))[0]?.state).to.equal('done');
  });

  it('shows no part of a secret where only the end of an output is kept', async () => {
    const command = shell('printf %s "$PASSWORD"; head -c 4093 /dev/zero | tr "\\0" x; exit 1');
    const change = await draft({...command, environment: {PASSWORD: '${secret:env:TEST_SECRET}'}}, shell('true'));
    expect(JSON.stringify(await opened.apply(change.flip)))
      .to.include('xxx')
      .and.not.match(/er2|r2x/);
  });
});
