import {expect} from 'chai';
import {existsSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {join} from 'node:path';
import type {JsonObject} from '../../src/quantities/json.js';
import {identityOf, isAlive, isListenedOn, killAndWait, type ProcessIdentity} from '../../src/system/processes.js';
import type {Change, TargetRef} from '../../src/targets/contract.js';
import {driver} from '../../src/targets/drivers/process/driver.js';
import {identityFrom} from '../../src/targets/drivers/process/objects.js';
import {selector as schema} from '../../src/targets/drivers/process/selector.js';
import {openDriver, type Opened} from '../support/driver-subjects.js';
import {refusal} from '../support/refusal.js';
import {
  answeringPid,
  endAll,
  freePort,
  freshAmbient,
  serverCommand,
  serverScript,
  startForeign,
  stateOf,
  until,
  writePid,
} from '../support/processes.js';

const parse = (written: unknown) => schema().parse(written) as unknown as JsonObject;
const heal = 'default';

describe('Process faults on a foreign HTTP server', () => {
  let ambient: ReturnType<typeof freshAmbient>;
  let port: number;
  let pidFile: string;
  let server: ProcessIdentity;
  let others: ProcessIdentity[];

  const open = (written: object = {}) => openDriver(driver, parse({pidFile, ...written}), ambient);
  const lifecycle = (opened: Opened) => opened.reader.drafts.lifecycle!;

  beforeEach(async () => {
    ambient = freshAmbient();
    port = await freePort();
    pidFile = join(ambient.folder, 'server.pid');
    others = [];
    server = await startForeign(serverCommand(port));
    writePid(pidFile, server);
    await until('the server answers', async () => (await answeringPid(port)) === server.pid);
  });
  afterEach(async () => {
    await endAll([server, ...others]);
    ambient.dispose();
  });

  it('leaves requests unanswered while paused, and answers them with the same process after the undo', async () => {
    const opened = await open();
    const change = await lifecycle(opened).pause((await opened.one()).ref);
    expect(change.summary).to.match(new RegExp(`^SIGSTOP to pid ${server.pid} \\(.*node`));
    const debt = await opened.inject(change);
    expect(await stateOf(server.pid)).to.equal('stopped');
    expect(await answeringPid(port, 300)).to.equal(undefined);
    expect((await opened.prove(change.proof)).readings).to.deep.equal({pid: server.pid, state: 'T'});
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await answeringPid(port, 2000)).to.equal(server.pid);
  });

  it('names the shell command that undoes a pause', async () => {
    const opened = await open();
    const debt = await opened.inject(await lifecycle(opened).pause((await opened.one()).ref));
    expect(debt.undo.manual).to.equal(`kill -CONT ${server.pid}`);
    await opened.settle(debt);
  });

  it('finds nothing left to do when a person continued the process, and when it is settled twice', async () => {
    const opened = await open();
    const debt = await opened.inject(await lifecycle(opened).pause((await opened.one()).ref));
    process.kill(server.pid, 'SIGCONT');
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect(await opened.owed()).to.deep.equal([]);
  });

  it('refuses to pause what is stopped already', async () => {
    const opened = await open();
    process.kill(server.pid, 'SIGSTOP');
    await until('it is stopped', async () => (await stateOf(server.pid)) === 'stopped');
    const {ref} = await opened.one();
    const error = await lifecycle(opened)
      .pause(ref)
      .then(
        () => undefined,
        (reason: unknown) => reason as {code: string; hint: string},
      );
    expect(error?.code).to.equal('TARGET_UNSUITABLE');
    expect(error?.hint).to.include(`kill -CONT ${server.pid}`);
  });

  it('kills, and starts it again by its start command', async () => {
    const script = `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`;
    const [node, flag, source] = serverCommand(port);
    const opened = await open({start: [node, flag, script + source!]});
    const change = await lifecycle(opened).kill((await opened.one()).ref, {signal: 'KILL', heal});
    const debt = await opened.inject(change);
    expect(await isAlive(server)).to.equal(false);
    expect(await answeringPid(port)).to.equal(undefined);
    expect((await opened.prove(change.proof)).state).to.equal('in-force');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    await until('the new server answers', async () => (await answeringPid(port)) !== undefined);
    const pid = (await answeringPid(port))!;
    others.push((await identityOf(pid))!);
    expect(pid).to.not.equal(server.pid);
    expect((await opened.settle(debt)).outcome).to.equal('already');
    expect(await answeringPid(port), 'settled twice, started once').to.equal(pid);
  });

  it('is irreversible to kill what nobody told how to start', async () => {
    const opened = await open();
    const {ref} = await opened.one();
    const changes = [
      await lifecycle(opened).kill(ref, {signal: 'KILL', heal}),
      await lifecycle(opened).stop(ref, {graceMs: 100, heal}),
    ];
    for (const {undo} of changes) expect(undo).to.have.property('irreversible').that.includes('give `start`');
  });

  it('says that the undo failed, why, and what to type, and keeps the mark', async () => {
    const opened = await open({start: ['/bin/false', 'it cannot']});
    (opened.address['launch'] as {readyWithinMs: number}).readyWithinMs = 300;
    const fresh = await driver.reader(opened.address, ambient);
    const change = await fresh.drafts.lifecycle!.kill((await opened.one()).ref, {signal: 'KILL', heal});
    const debt = await opened.inject(change);
    const actuator = await driver.actuator(opened.address, {run: 'run', epoch: 1, live: () => true}, ambient);
    const [settled] = await actuator.settle([debt], 2_000);
    expect(settled).to.include({outcome: 'failed', manual: "/bin/false 'it cannot' &"});
    expect(settled).to.have.property('why').that.includes('did not bring');
    expect((await opened.owed()).map(one => one.id)).to.deep.equal([debt.id]);
  });

  it('notes a signal that its receiver survives, and forgets it for the next time', async () => {
    const stubborn = await startForeign(
      [
        process.execPath,
        '-e',
        "process.on('SIGUSR1',()=>0);setInterval(()=>0,1000);require('fs').writeFileSync(process.env.READY,'')",
      ],
      {READY: join(ambient.folder, 'ready')},
    );
    others.push(stubborn);
    await until('it has its handler', () => existsSync(join(ambient.folder, 'ready')));
    writePid(pidFile, stubborn);
    const opened = await open({start: ['/bin/true']});
    const change = await lifecycle(opened).kill((await opened.one()).ref, {signal: 'USR1', heal});
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    const debt = await opened.inject(change);
    expect(await opened.prove(change.proof)).to.deep.include({
      state: 'in-force',
      readings: {pid: stubborn.pid, alive: true, sent: 'USR1'},
    });
    expect((await opened.settle(debt)).outcome).to.equal('already');
    await opened.apply(change.prepare!);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
  });

  it('kills after the grace what does not stop', async () => {
    const deaf = await startForeign(['sh', '-c', "trap '' TERM; while :; do sleep 0.05; done"]);
    others.push(deaf);
    writePid(pidFile, deaf);
    const opened = await open({start: ['/bin/true']});
    const change = await lifecycle(opened).stop((await opened.one()).ref, {graceMs: 200, heal});
    const begun = performance.now();
    await opened.inject(change);
    expect(performance.now() - begun).to.be.greaterThan(190);
    expect(await isAlive(deaf)).to.equal(false);
  });

  it('never touches a process that got a recycled pid', async () => {
    const opened = await open({start: ['/bin/true']});
    const {ref} = await opened.one();
    const drafts = lifecycle(opened);
    const changes: Change[] = [
      await drafts.pause(ref),
      await drafts.kill(ref, {signal: 'KILL', heal}),
      await drafts.kill(ref, {signal: 'TERM', heal}),
      await drafts.stop(ref, {graceMs: 100, heal}),
    ];
    const [pid, ticks, boot] = changes[0]!.target.incarnation.split(':');
    const recycled = (of: TargetRef): TargetRef => ({...of, incarnation: `${pid}:${Number(ticks) - 1}:${boot}`});
    for (const {flip, proof} of changes) {
      const [applied] = await opened.apply({...flip, ref: recycled(flip.ref)});
      expect(applied).to.include({state: 'refused'});
      expect(applied?.why).to.include('is gone');
      expect((await opened.prove({...proof, ref: recycled(proof.ref)})).readings).to.not.include({alive: true});
    }
    expect(await stateOf(server.pid)).to.equal('runs');
    process.kill(server.pid, 'SIGSTOP');
    await until('it is stopped', async () => (await stateOf(server.pid)) === 'stopped');
    const {undo} = changes[0]!;
    const debt = opened.owe({...changes[0]!, undo: {...(undo as object), ref: recycled(ref)} as Change['undo']});
    expect((await opened.settle(debt)).outcome).to.equal('gone');
    expect(await stateOf(server.pid), 'left as someone else stopped it').to.equal('stopped');
  });

  it('does not believe a pid file that is older than the process of that pid', async () => {
    utimesSync(pidFile, new Date(0), new Date(0));
    expect(await (await open()).find()).to.deep.equal([]);
    writeFileSync(pidFile, 'no number');
    expect(await (await open()).find()).to.deep.equal([]);
  });

  it('finds a process by port and by name pattern, and not by half a name', async () => {
    const byPort = await openDriver(driver, parse({port}), ambient);
    const byName = await openDriver(driver, parse({name: `^.*listen\\(${port},.*$`}), ambient);
    const half = await openDriver(driver, parse({name: `^listen\\(${port}$`}), ambient);
    expect((await byPort.one()).ref).to.include({object: `port:${port}`});
    for (const opened of [byPort, byName]) expect((await opened.one()).details['pid']).to.equal(server.pid);
    expect(await half.find()).to.deep.equal([]);
  });

  describe('on a published port of a container', () => {
    const nobody = 'unix:///nowhere/engine.sock';
    /** What an engine's program does that holds such a port, as far as the kernel shows it. */
    const publish = async (DOCKER_HOST: string) => {
      const held = await freePort();
      const program = join(ambient.folder, 'docker-proxy');
      symlinkSync(process.execPath, program);
      const forwarder = await startForeign([program, '-e', serverScript(held), '--', '-container-ip', '172.17.0.9']);
      others.push(forwarder);
      await until('the port is held', async () => (await answeringPid(held)) === forwarder.pid);
      const environment = {...process.env, DOCKER_HOST};
      return {held, forwarder, opened: await openDriver(driver, parse({port: held}), {...ambient, environment})};
    };

    it('refuses what holds it, and names the container', async () => {
      const {held, forwarder, opened} = await publish(nobody);
      const refused = await refusal(opened.find());
      expect([refused.code, refused.message]).to.deep.equal([
        'TARGET_UNSUITABLE',
        `Expected a process on port ${held}; it is a published port of the container at 172.17.0.9, to which \`docker-proxy\` (pid ${forwarder.pid}) only passes on what comes.`,
      ]);
      expect(refused.hint).to.equal('Select the container instead: `docker: NAME`.');
    });

    it('asks the engine of the machine for its name', async () => {
      const socket = join(ambient.folder, 'engine.sock');
      let port = 0;
      const engine = createServer((request, response) => {
        const Ports = [{PrivatePort: 80, PublicPort: port, Type: 'tcp'}];
        const containers = [
          {Names: ['/other'], Ports: []},
          {Names: ['/shop'], Ports},
        ];
        response.end(JSON.stringify(request.url?.includes('containers') === true ? containers : {ID: 'one'}));
      });
      await new Promise<void>(resolve => engine.listen(socket, resolve));
      try {
        const {held, opened} = await publish(`unix://${socket}`);
        port = held;
        const refused = await refusal(opened.find());
        expect(refused.message).to.include('it is a published port of container `shop`, to which');
        expect(refused.hint).to.equal('Select the container instead: `docker: shop`.');
      } finally {
        await new Promise(resolve => engine.close(resolve));
      }
    });
  });

  it('protects itself, what it runs below, and the first process', async () => {
    const everything = await openDriver(driver, parse({name: '^.*$'}), ambient);
    const found = await everything.find();
    const shields = new Map(found.map(one => [one.details['pid'], one.protectedBy]));
    expect(shields.has(process.pid), 'itself is not even a candidate').to.equal(false);
    expect(shields.get(process.ppid)).to.equal('Firedrill runs below it');
    expect(shields.get(1)).to.equal('it is the first process of this machine');
    expect(shields.get(server.pid)).to.equal(undefined);
    writeFileSync(pidFile, String(process.pid));
    expect((await (await open()).one()).protectedBy).to.equal('it is Firedrill itself');
  });

  it('changes nothing and writes nothing while it only plans', async () => {
    const opened = await open({start: ['/bin/false']});
    const {ref} = await opened.one();
    const drafts = lifecycle(opened);
    for (const change of [
      await drafts.pause(ref),
      await drafts.kill(ref, {signal: 'TERM', heal}),
      await drafts.stop(ref, {graceMs: 1, heal}),
      await drafts.restart(ref, {graceMs: 1}),
    ])
      expect((await opened.prove(change.proof)).state, change.summary).to.equal('absent');
    expect(await answeringPid(port)).to.equal(server.pid);
    expect(readdirSync(ambient.folder)).to.deep.equal(['server.pid']);
  });

  it('tells a port on which nobody listens from one whose process it cannot see', async () => {
    expect(await isListenedOn(port)).to.equal(true);
    const free = await freePort();
    expect(await isListenedOn(free)).to.equal(false);
    expect(await (await openDriver(driver, parse({port: free}), ambient)).find()).to.deep.equal([]);
  });

  it('answers `where` by a command beside the process', async () => {
    const opened = await open();
    const answer = await opened.reader.ask(
      (await opened.one()).ref,
      ['sh', '-c', 'echo $FIREDRILL_TARGET_PID'],
      AbortSignal.timeout(5_000),
    );
    expect(answer).to.equal(`${server.pid}\n`);
  });

  it('does not wait for a daemon that such a command leaves behind with its output', async () => {
    const opened = await open();
    const {ref} = await opened.one();
    const leaving = ['sh', '-c', 'setsid -f sleep 45; echo yes'];
    // Whoever waits for the daemon waits longer than this test may take.
    expect(await opened.reader.ask(ref, leaving, AbortSignal.timeout(30_000))).to.equal('yes\n');
  });

  it('says how a command for `where` failed', async () => {
    const opened = await open();
    const {ref} = await opened.one();
    const failing = opened.reader.ask(ref, ['sh', '-c', 'echo no such role >&2; exit 4'], AbortSignal.timeout(5_000));
    expect(await failing.catch(String)).to.equal('Error: the command ended with code 4: no such role');
  });
});

describe('Processes that Firedrill starts itself', () => {
  let ambient: ReturnType<typeof freshAmbient>;
  let port: number;
  const started: ProcessIdentity[] = [];

  beforeEach(async () => {
    ambient = freshAmbient();
    port = await freePort();
  });
  afterEach(async () => {
    await endAll(started.splice(0));
    ambient.dispose();
  });

  async function begin(written: object) {
    const selector = parse(written);
    const opened = await openDriver(driver, selector, ambient);
    const change = await opened.reader.drafts.provision!.start((await opened.one()).ref, selector);
    return {opened, change};
  }
  const remember = async (opened: Opened) => {
    const who = identityFrom((await opened.one()).ref.incarnation)!;
    started.push(who);
    return who;
  };

  it('plans one that is not started by its command, and starts nothing', async () => {
    const opened = await openDriver(driver, parse({start: serverCommand(port)}), ambient);
    const candidate = await opened.one();
    expect(candidate.status).to.equal('not started');
    const change = await opened.reader.drafts.lifecycle!.pause(candidate.ref);
    expect(change.summary).to.equal(`SIGSTOP to ${candidate.ref.name}`);
    expect((await opened.prove(change.proof)).state).to.equal('absent');
    expect((await opened.apply(change.flip))[0]).to.include({state: 'refused'});
    expect(existsSync(ambient.scratch)).to.equal(false);
  });

  it('starts it when it is ready and not before, with its output in a log, and ends it with all that it started', async () => {
    const late = `console.log('hello from the log');setTimeout(()=>{${serverCommand(port)[2]!}},400);
      require('child_process').spawn(process.execPath,['-e','setInterval(()=>0,1000)'],{detached:true,stdio:'ignore'}).unref()`;
    const {opened, change} = await begin({
      start: [process.execPath, '-e', late],
      ready: {http: `http://127.0.0.1:${port}/`},
    });
    const debt = await opened.inject(change);
    const who = await remember(opened);
    expect(await answeringPid(port)).to.equal(who.pid);
    const [log] = readdirSync(ambient.scratch);
    expect(readFileSync(join(ambient.scratch, log!), 'utf8')).to.include('hello from the log');
    const {pids} = (await opened.prove(change.proof)).readings;
    expect(pids).to.have.length(2).and.to.include(who.pid);
    const all = await Promise.all((pids as number[]).map(pid => identityOf(pid)));
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    for (const one of all) expect(await isAlive(one!)).to.equal(false);
    expect((await opened.one()).status).to.equal('not started');
  });

  it('leaves nothing behind of one that never gets ready, and shows the end of its log', async () => {
    const {opened, change} = await begin({
      start: [process.execPath, '-e', "console.error('no database');setInterval(()=>0,1000)"],
      ready: {tcp: port},
      readyWithin: '1s',
    });
    const [applied] = await opened.apply(change.flip);
    expect(applied).to.include({state: 'refused'});
    expect(applied?.why).to.include('was not ready within 1000 ms').and.to.include('no database');
    expect((await opened.prove(change.proof)).readings).to.deep.equal({pids: []});
  });

  it('says why a command cannot be started, or ended at once', async () => {
    const missing = await begin({start: ['/no/such/program']});
    expect((await missing.opened.apply(missing.change.flip))[0]?.why).to.include('ENOENT');
    const brief = await begin({start: ['sh', '-c', 'echo it broke; exit 3']});
    expect((await brief.opened.apply(brief.change.flip))[0]?.why)
      .to.include('ended right after its start')
      .and.to.include('it broke');
  });

  it('still finds and ends it when the runner died before it wrote the pid file', async () => {
    const {opened, change} = await begin({start: serverCommand(port), ready: {tcp: port}});
    const debt = await opened.inject(change);
    const who = await remember(opened);
    const [pidFile] = readdirSync(join(ambient.stateDir, 'processes'));
    writeFileSync(join(ambient.stateDir, 'processes', pidFile!), '');
    expect(identityFrom((await opened.one()).ref.incarnation)?.pid).to.equal(who.pid);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(await isAlive(who)).to.equal(false);
  });

  it('starts it once when two ask at the same time', async () => {
    const {opened, change} = await begin({start: serverCommand(port), ready: {tcp: port}});
    const answers = await Promise.all([opened.apply(change.flip), opened.apply(change.flip)]);
    expect(answers.flat().map(one => one.state)).to.deep.equal(['done', 'done']);
    await remember(opened);
    expect((await opened.prove(change.proof)).readings['pids']).to.have.length(1);
  });

  it('restarts it: the same target, another process', async () => {
    const {opened, change} = await begin({start: serverCommand(port), ready: {tcp: port}});
    await opened.inject(change);
    const before = await remember(opened);
    const {ref} = await opened.one();
    const restart = await opened.reader.drafts.lifecycle!.restart(ref, {graceMs: 2_000});
    expect((await opened.prove(restart.proof)).state).to.equal('absent');
    const debt = await opened.inject(restart);
    const after = await remember(opened);
    expect((await opened.prove(restart.proof)).state).to.equal('in-force');
    expect(await isAlive(before)).to.equal(false);
    expect(await answeringPid(port)).to.equal(after.pid);
    expect((await opened.one()).ref.object).to.equal(ref.object);
    expect((await opened.settle(debt)).outcome).to.equal('already');
  });

  it('starts it again when the runner died in the middle of a restart', async () => {
    const {opened, change} = await begin({start: serverCommand(port), ready: {tcp: port}});
    await opened.inject(change);
    const before = await remember(opened);
    const restart = await opened.reader.drafts.lifecycle!.restart((await opened.one()).ref, {graceMs: 2_000});
    const debt = opened.owe(restart);
    await killAndWait(before, 5_000);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    const after = await remember(opened);
    expect(await answeringPid(port)).to.equal(after.pid);
  });

  it('gives the process its secrets, and keeps only references in debts and marks', async () => {
    const command = [
      process.execPath,
      '-e',
      `require('http').createServer((q,s)=>s.end(String(process.env.PASSWORD.length))).listen(${port},'127.0.0.1')`,
    ];
    const {opened, change} = await begin({
      start: command,
      environment: {PASSWORD: '${secret:env:TEST_SECRET}'},
      ready: {tcp: port},
    });
    const debt = await opened.inject(change);
    await remember(opened);
    expect(await answeringPid(port)).to.equal('hunter2'.length);
    expect(JSON.stringify([debt, change, await opened.owed()]))
      .to.include('${secret:env:TEST_SECRET}')
      .and.not.include('hunter2');
    expect((await opened.settle(debt)).outcome).to.equal('undone');
  });

  it('leaves no secret in the log of a process that it started, from before and after it was ready', async () => {
    const told = 'console.log("with " + process.env.PASSWORD);';
    const server = `require('http').createServer((q,s)=>{${told}s.end()}).listen(${port},'127.0.0.1')`;
    const {opened, change} = await begin({
      start: [process.execPath, '-e', `${told}${server}`],
      environment: {PASSWORD: '${secret:env:TEST_SECRET}'},
      ready: {tcp: port},
    });
    const debt = await opened.inject(change);
    await remember(opened);
    const [name = ''] = readdirSync(ambient.scratch);
    const log = () => readFileSync(join(ambient.scratch, name), 'utf8');
    expect(log()).to.equal('with *******\n');
    await fetch(`http://127.0.0.1:${port}/`);
    expect((await opened.settle(debt)).outcome).to.equal('undone');
    expect(log()).to.equal('with *******\nwith *******\n');
  });

  it('shows no part of a secret in the end of a log', async () => {
    const script = 'console.error(process.env.PASSWORD + "x".repeat(597)); process.exit(1)';
    const {opened, change} = await begin({
      start: [process.execPath, '-e', script],
      environment: {PASSWORD: '${secret:env:TEST_SECRET}'},
    });
    const [answer] = await opened.apply(change.flip);
    expect(JSON.stringify(answer))
      .to.include('xxx')
      .and.not.match(/nter2|ter2|er2|r2/);
  });
});
