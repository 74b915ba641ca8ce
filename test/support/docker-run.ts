import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseExperiment} from '../../src/experiment/parse.js';
import {openMachine} from '../../src/run/machine.js';
import {planExperiment, type Plan} from '../../src/plan/plan.js';
import type {Event} from '../../src/record/events.js';
import {readEvidence} from '../../src/record/reader.js';
import {runExperiment, type RunOutcome} from '../../src/run/run-experiment.js';
import {Readers} from '../../src/targets/readers.js';
import {StopSwitch} from '../../src/run/stop-switch.js';
import {systemDisk} from '../../src/system/files.js';
import {judge} from '../../src/verdict/judge.js';
import type {Result} from '../../src/verdict/result.js';

export interface RealRun {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly events: readonly Event[];
  readonly result: Result;
}

/** Plans and runs an experiment on real targets in this process; without metrics where what is tested is the faults. */
export async function runForReal(
  yaml: string,
  meddle: (event: Event) => void = () => undefined,
  {measured = false}: {readonly measured?: boolean} = {},
): Promise<RealRun> {
  const folder = mkdtempSync(join(tmpdir(), 'firedrill-real-run-'));
  const parsed = parseExperiment({
    file: 'test.yaml',
    content: Buffer.from(yaml),
    environment: process.env,
    variables: {},
  });
  if (parsed.experiment === undefined) throw new Error(JSON.stringify(parsed.problems));
  const {ports} = openMachine({environment: process.env, stateDir: join(folder, 'state'), scratch: folder});
  const readers = new Readers(ports);
  const stop = new StopSwitch();
  const events: Event[] = [];
  try {
    const experiment = measured ? parsed.experiment : {...parsed.experiment, steadyState: []};
    const plan = await planExperiment({
      experiment,
      fileSha256: '',
      ports,
      readers,
      seed: 1,
      signal: stop.signal,
      reservedElsewhere: () => Promise.resolve(new Map()),
    });
    if (plan.refusals[0] !== undefined) throw plan.refusals[0];
    const request = {plan, folder: join(folder, 'run'), ports, readers, stop, redact: (text: string) => text};
    const outcome = await runExperiment({
      ...request,
      run: `real-${process.pid}-${Date.now()}`,
      file: {path: 'test.yaml', sha256: ''},
      tool: 'test',
      command: '',
      host: 'here',
      // Nobody dies here.
      startGuardian: () =>
        Promise.resolve({
          pid: 1,
          beat: () => undefined,
          bye: () => Promise.resolve(),
          ended: new Promise<void>(() => undefined),
        }),
      observers: [
        {
          event: event => {
            events.push(event);
            meddle(event);
          },
        },
      ],
    });
    return {plan, outcome, events, result: judge(await readEvidence(systemDisk, request.folder))};
  } finally {
    await readers.close();
    rmSync(folder, {recursive: true, force: true});
  }
}

/** A frame for faults on containers with a label. */
export function containerExperiment(
  label: string,
  faults: string,
  options: {host?: string; targets?: number} = {},
): string {
  const host = options.host === undefined ? '' : `host: "${options.host}", `;
  return `version: 1
title: faults on containers
targets: {all: {docker: {${host}labels: {dev.firedrill.run: ${label}}}, select: all}}
steadyState: {fine: {command: {run: [echo, "1"], every: 100ms}, tolerance: {equals: 1}}}
windows: {warmup: 0s, baseline: 500ms, recovery: 6s}
safety: {maxTargets: ${options.targets ?? 10}, maxShare: 100%}
faults: [${faults}]
`;
}
