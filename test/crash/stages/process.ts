import {expect} from 'chai';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {identityOf, isAlive, killAndWait, listeners} from '../../../src/system/processes.js';
import {answersSoon, freePort, serverCommand, startForeign, until} from '../../support/processes.js';
import {casesOf, experiment, type CrashCase, type CrashStage} from './stage.js';

async function processStage(given: string | ((command: readonly string[]) => string)): Promise<CrashStage> {
  const port = await freePort();
  const command = serverCommand(port);
  const entry = typeof given === 'string' ? given : given(command);
  const first = await startForeign(command);
  expect(await answersSoon(port), 'the server answers').to.equal(true);
  return {
    yaml: experiment(`{process: {port: ${port}, start: ${JSON.stringify(command)}}}`, entry),
    look: async () => ({answers: await answersSoon(port)}),
    close: async () => {
      for (const pid of await listeners(port)) {
        const now = await identityOf(pid);
        if (now !== undefined) await killAndWait(now, 5_000);
      }
      if (await isAlive(first)) await killAndWait(first, 5_000);
    },
  };
}

async function commandStage(): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-target-'));
  const flag = join(folder, 'broken');
  const stage = await processStage(
    `command: {do: [touch, ${flag}], undo: [rm, -f, ${flag}], proof: [test, -e, ${flag}]}`,
  );
  return {
    ...stage,
    look: async () => ({...((await stage.look()) as object), broken: existsSync(flag)}),
    close: async () => {
      await stage.close();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** The author's own command brings the victim back. */
const broughtBackStage = () =>
  processStage(command => {
    const heal = {run: ['sh', '-c', '"$@" > /dev/null 2>&1 &', 'sh', ...command]};
    return `kill: {}, heal: ${JSON.stringify(heal)}`;
  });

/** A run that prepares and cleans up: a flag that is undone, and a dump that is taken away at the end. */
async function aroundStage(entry: string): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-crash-around-'));
  const [seeded, dump] = [join(folder, 'seeded'), join(folder, 'dump')];
  const stage = await processStage(entry);
  return {
    ...stage,
    yaml: `${stage.yaml}prepare:
  - {name: seed, run: [touch, ${seeded}], undo: [rm, -f, ${seeded}], proof: [test, -e, ${seeded}]}
  - {name: dump, run: [touch, ${dump}], undo: {nothing: it is taken away in the end}}
cleanup:
  - {name: take the dump away, run: [rm, -f, ${dump}]}
`,
    look: async () => ({...((await stage.look()) as object), seeded: existsSync(seeded), dump: existsSync(dump)}),
    close: async () => {
      await stage.close();
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

const FLAG_SERVER = `
let broken = false;
require('http').createServer((q, s) => {
  if (q.method !== 'GET') broken = q.method === 'PUT';
  s.statusCode = q.method === 'GET' && !broken ? 404 : 200;
  s.end();
}).listen(Number(process.argv[1]), '127.0.0.1')`;

async function callStage(): Promise<CrashStage> {
  const port = await freePort();
  const server = await startForeign([process.execPath, '-e', FLAG_SERVER, String(port)]);
  const url = `http://127.0.0.1:${port}/`;
  const isBroken = async () => (await fetch(url, {headers: {connection: 'close'}})).ok;
  await until('the server answers', () =>
    isBroken().then(
      () => true,
      () => false,
    ),
  );
  const stage = await processStage(
    `http-call: {do: {url: "${url}", method: PUT}, undo: {url: "${url}", method: DELETE}, proof: {url: "${url}"}}`,
  );
  return {
    ...stage,
    look: async () => ({...((await stage.look()) as object), broken: await isBroken()}),
    close: async () => {
      await stage.close();
      await killAndWait(server, 5_000);
    },
  };
}

export const PROCESS_CASES: readonly CrashCase[] = [
  ...casesOf('process', processStage, ['pause: {}', 'kill: {}', 'stop: {grace: 1s}', 'restart: {grace: 1s}']),
  {driver: 'process', entry: 'command: a flag in a folder', open: commandStage},
  {driver: 'process', entry: 'kill: {}', variant: 'brought back by a command', open: broughtBackStage},
  {driver: 'process', entry: 'pause: {}', variant: 'prepared and cleaned up', open: aroundStage},
  {driver: 'process', entry: 'http-call: a flag behind a server', open: callStage},
];
