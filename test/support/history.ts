import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {systemRunFiles, type RunFiles} from '../../src/history/run-files.js';
import type {RunSummary} from '../../src/history/summary.js';
import type {Evidence} from '../../src/record/evidence.js';
import {recordPaths} from '../../src/record/paths.js';
import {renderJson} from '../../src/report/json/json.js';
import {judge} from '../../src/verdict/judge.js';

/** What the record of a run is called and when it began; the evidence in memory is always of one run. */
export interface RunName {
  readonly run: string;
  readonly startedAt?: string;
}

/** The same evidence as that of another run. */
export function renamed(evidence: Evidence, {run, startedAt}: RunName): Evidence {
  const shiftMs = startedAt === undefined ? 0 : Date.parse(startedAt) - Date.parse(evidence.events[0]?.at.wall ?? '');
  const events = evidence.events.map(event => {
    const wall = new Date(Date.parse(event.at.wall) + shiftMs).toISOString();
    const moved = {...event, at: {...event.at, wall}};
    return moved.type === 'run.started' ? {...moved, run} : moved;
  });
  return {...evidence, run, events};
}

const lines = (values: readonly unknown[]) => values.map(value => `${JSON.stringify(value)}\n`).join('');

/** Writes a run folder as a runner does, with its result where `judged`; answers the folder. */
export function writeRun(runsDir: string, evidence: Evidence, {judged = true} = {}): string {
  const folder = join(runsDir, evidence.run);
  const paths = recordPaths(folder);
  mkdirSync(folder, {recursive: true});
  writeFileSync(paths.events, lines(evidence.events));
  writeFileSync(paths.loads, lines(evidence.loads));
  const chunks = evidence.series.flatMap(({id, samples}) =>
    samples.map(({t, d, value}) => ({s: id, at: Math.floor(t / 1e6) * 1e6, t: [t % 1e6], v: [value], d: [d]})),
  );
  writeFileSync(paths.samples, lines(chunks));
  if (judged) writeFileSync(paths.result, renderJson(judge(evidence)));
  return folder;
}

/** The disk, and what was asked of it: by the names of the files. */
export function countingFiles(): RunFiles & {readonly asked: string[]} {
  const asked: string[] = [];
  return {
    asked,
    names: folder => systemRunFiles.names(folder),
    look: path => {
      asked.push(`look ${path.split('/').at(-1) ?? ''}`);
      return systemRunFiles.look(path);
    },
    read: (path, most) => {
      const text = systemRunFiles.read(path, most);
      asked.push(`read ${path.split('/').at(-1) ?? ''}${text === undefined ? ' (none)' : ''}`);
      return text;
    },
  };
}

/** A summary as a run that held has it. */
export function summary(over: Partial<RunSummary> = {}): RunSummary {
  return {
    version: 1,
    eventsBytes: 100,
    run: '20260301-090000-aaaa',
    title: 'Checkout survives a frozen inventory',
    file: 'freeze.yaml',
    startedAt: '2026-03-01T09:00:00.000Z',
    endedAt: '2026-03-01T09:01:00.000Z',
    durationSeconds: 60,
    verdict: 'held',
    exit: 0,
    end: 'done',
    headline: 'HELD: it held',
    severity: null,
    targets: ['shop-inventory-1'],
    conditions: 'c1',
    detectedSeconds: null,
    recovery: 'recovered',
    recoverySeconds: null,
    metrics: [],
    findings: [],
    alerts: [],
    ...over,
  };
}
