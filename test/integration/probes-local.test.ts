import {expect} from 'chai';
import {noValue} from '../../src/signals/missing.js';
import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {JsonObject} from '../../src/quantities/json.js';
import type {ProbeContext, ProbedTarget, Reading} from '../../src/signals/contract.js';
import {source as command} from '../../src/signals/probes/command/index.js';
import {source as processProbe} from '../../src/signals/probes/process/index.js';
import type {Candidate, Reader, TargetRef} from '../../src/targets/contract.js';
import {watchHandles} from '../support/http-server.js';
import {describeWith} from '../support/needs.js';
import {until} from '../support/processes.js';
import {suiteFolder} from '../support/shop.js';

const context = (targets: ProbeContext['targets'] = {}): ProbeContext => ({
  reveal: text => text.replaceAll('${secret:env:TOKEN}', 't0ken-value'),
  targets,
  sources: {},
  environment: process.env,
});

async function run(written: object, timeoutMs = 5000): Promise<number | string> {
  const probe = await command.open(command.parameters().parse(written) as JsonObject, context());
  const [reading] = await probe.read(AbortSignal.timeout(timeoutMs)).finally(() => probe.close());
  return reading!.value ?? ('why' in reading! ? reading.why : '');
}

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the command probe on real processes', () => {
  let leftOpen: () => Promise<readonly string[]>;
  const {path: folder} = suiteFolder();

  beforeEach(() => {
    leftOpen = watchHandles();
  });

  afterEach(async () => {
    expect(await leftOpen()).to.deep.equal([]);
  });

  it('takes the number that is printed, at a path, or by a pattern', async () => {
    expect(await run({run: ['echo', ' 42 ']})).to.equal(42);
    expect(await run({run: ['echo', '{"depth": 7}'], read: {jsonPath: '$.depth'}})).to.equal(7);
    expect(await run({run: ['printf', 'a 1\\nb 2\\n'], read: {regex: '^b (\\d+)$'}})).to.equal(2);
  });

  it('is strict: what is not a number is a reason', async () => {
    expect(await run({run: ['echo', '42 apples']})).to.equal('expected a number; got `42 apples`');
    expect(await run({run: ['echo', 'NaN']})).to.equal('expected a number; got `NaN`');
    expect(await run({run: ['true']})).to.equal('expected a number; got nothing');
  });

  it('uses no shell unless the author asks for one', async () => {
    expect(await run({run: ['echo', '$((1+1))']})).to.equal('expected a number; got `$((1+1))`');
    expect(await run({run: 'echo $((1+1))', shell: true})).to.equal(2);
  });

  it('gives the command its folder and environment', async () => {
    expect(await run({run: 'pwd | wc -l', shell: true, cwd: folder})).to.equal(1);
    expect(await run({run: ['printenv', 'DEPTH'], environment: {DEPTH: '5'}})).to.equal(5);
  });

  it('says how a command failed, with its last line', async () => {
    expect(await run({run: 'echo 1; echo first >&2; echo no such queue >&2; exit 3', shell: true})).to.equal(
      'the command exited with code 3: no such queue',
    );
    expect(await run({run: 'kill -9 $$', shell: true})).to.equal('the command was killed by SIGKILL');
    expect(await run({run: ['/no/such/command']})).to.equal('command `/no/such/command` not found (or its `cwd`)');
    expect(await run({run: [folder]})).to.equal(`command \`${folder}\` may not be executed`);
  });

  it('never tells a secret, even where the command does', async () => {
    expect(await run({run: ['sh', '-c', 'echo "bad $0" >&2; exit 1', '${secret:env:TOKEN}']})).to.equal(
      'the command exited with code 1: bad ***',
    );
    expect(await run({run: ['echo', '${secret:env:TOKEN}']})).to.equal('expected a number; got `***`');
  });

  it('kills the whole group when the time is up', async () => {
    const pidFile = join(folder, 'child.pid');
    const script = `sleep 60 & echo $! > ${pidFile}; wait`;
    const error = await run({run: script, shell: true}, 400).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('TimeoutError');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until('it is gone', () => !isRunning(pid));
  });

  it('does not wait for what a command leaves behind, and ends it', async () => {
    const pidFile = join(folder, 'left.pid');
    // Whoever waits for it waits longer than this test may take.
    expect(await run({run: `sleep 60 & echo $! > ${pidFile}; echo 9`, shell: true}, 15_000)).to.equal(9);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until('it is gone', () => !isRunning(pid));
  });

  it('does not wait for a daemon that a command leaves behind with its output, nor ends it', async () => {
    const pidFile = join(folder, 'daemon.pid');
    // Whoever waits for the daemon waits longer than this test may take.
    const written = {
      run: `setsid -f sh -c 'echo $$ > ${pidFile}; exec sleep 60'; until [ -s ${pidFile} ]; do sleep 0.1; done; echo 9`,
      shell: true,
    };
    expect(await run(written, 15_000)).to.equal(9);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isRunning(pid)).to.equal(true);
    process.kill(pid);
  });

  it('has all that a command printed before its end, however much that is', async () => {
    const written = {run: 'head -c 500000 /dev/zero | tr "\\0" " "; printf 7', shell: true};
    expect(await run(written)).to.equal(7);
  });

  it('cuts a command off that prints without end', async () => {
    expect(await run({run: ['yes']})).to.equal('the command printed more than 1MiB');
  });
});

describeWith('linux', 'the process probe on real processes', () => {
  let child: ChildProcess;

  const start = async (script: string) => {
    child = spawn(process.execPath, ['-e', `${script}; console.log('ready')`], {stdio: ['ignore', 'pipe', 'inherit']});
    await once(child.stdout!, 'data');
  };
  const end = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) await end();
  });

  const ref: TargetRef = {
    driver: 'process',
    kind: 'process',
    name: 'shop',
    endpoint: 'here',
    object: 'pidfile:/x',
    incarnation: 'not started',
  };

  /** A target that means the child of this test, whichever it is when it is looked for. */
  function target(): {targets: Record<string, ProbedTarget>; lookUps: () => number} {
    let lookUps = 0;
    const resolve = (): Promise<readonly Candidate[]> => {
      lookUps++;
      return Promise.resolve([{ref, status: 'running', details: {pid: child.pid ?? 0}}]);
    };
    const reader = {resolve} as unknown as Reader;
    return {targets: {shop: {refs: [ref], reader, address: {}, selector: {}}}, lookUps: () => lookUps};
  }

  async function open(measure: string) {
    const {targets, lookUps} = target();
    const probe = await processProbe.open({of: 'shop', measure}, context(targets));
    const read = async (): Promise<Reading> => (await probe.read(AbortSignal.timeout(2000)))[0]!;
    return {read, lookUps};
  }

  it('measures the CPU as a share of one core between two reads', async () => {
    await start('setInterval(() => { const end = Date.now() + 50; while (Date.now() < end); }, 55)');
    const {read} = await open('cpu');
    expect(await read()).to.include({value: null, subject: 'shop'});
    await delay(600);
    expect((await read()).value).to.be.within(0.02, 1.1);
  });

  it('sees an idle process as idle', async () => {
    await start('setInterval(() => undefined, 10_000)');
    await delay(300);
    const {read} = await open('cpu');
    await read();
    await delay(400);
    expect((await read()).value).to.be.within(0, 0.1);
  });

  it('measures resident memory', async () => {
    await start('const block = Buffer.alloc(100 << 20, 1); setInterval(() => block.length, 10_000)');
    const {read} = await open('memory');
    expect((await read()).value).to.be.within(100 * 2 ** 20, 400 * 2 ** 20);
  });

  it('says whether the process runs, paused included, and finds it again after a restart', async () => {
    await start('setInterval(() => undefined, 10_000)');
    const {read, lookUps} = await open('running');
    const memory = await open('memory');
    expect((await read()).value).to.equal(1);
    child.kill('SIGSTOP');
    expect((await read()).value).to.equal(1);
    expect(lookUps()).to.equal(1);
    await end();
    expect((await read()).value).to.equal(0);
    expect(await memory.read()).to.deep.equal({
      ...noValue('stopped', 'the process is not running'),
      subject: 'shop',
    });
    await start('setInterval(() => undefined, 10_000)');
    expect((await read()).value).to.equal(1);
    expect((await memory.read()).value).to.be.greaterThan(2 ** 20);
  });

  it('is refused for a target that is no process', async () => {
    const error = await processProbe.open({of: 'nobody', measure: 'cpu'}, context()).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('`nobody`');
  });
});
