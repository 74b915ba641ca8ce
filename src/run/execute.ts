import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {judge} from '../verdict/judge.js';
import type {Result} from '../verdict/result.js';
import type {Plan} from './plan/plan.js';
import type {Ports} from './ports.js';
import {recordPaths} from './record/paths.js';
import {readEvidence} from './record/reader.js';
import type {Observer} from './record/observer.js';
import {runExperiment, runFolder} from './run-experiment.js';
import type {Readers} from './safety/connections.js';
import {startGuardian} from './safety/guardian-process.js';
import type {StopSwitch} from './stop-switch.js';

export interface ExecuteRequest {
  readonly plan: Plan;
  /** The name the run gets: see `newRunId`. */
  readonly run: string;
  readonly runsDir: string;
  readonly file: {readonly path: string; readonly sha256: string};
  readonly tool: string;
  readonly command: string;
  readonly ports: Ports;
  readonly readers: Readers;
  readonly redact: (text: string) => string;
  readonly stop: StopSwitch;
  readonly observers: readonly Observer[];
}

/** A name for a run: sorts by time, and is unique. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[-:]/g, '').replace(/\..*$/, '')}-${randomBytes(3).toString('hex')}`;
}

/** Runs a plan, then judges the record it left and writes result.json. What was recorded is all that is judged. */
export async function execute(request: ExecuteRequest): Promise<{result: Result; folder: string}> {
  const folder = runFolder(request.runsDir, request.run);
  const {ports} = request;
  const outcome = await runExperiment({...request, folder, host: hostname(), startGuardian});
  const evidence = await readEvidence(ports.disk, folder);
  const broken = outcome.recordBroken === undefined ? [] : [`the record is incomplete: ${outcome.recordBroken}`];
  const result = judge({...evidence, gaps: [...evidence.gaps, ...broken]});
  await ports.disk.replace(recordPaths(folder).result, `${request.redact(JSON.stringify(result, null, 2))}\n`);
  return {result, folder};
}
