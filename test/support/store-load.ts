import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {readExperiment} from '../../src/commands/read-experiment.js';
import {countOf} from '../../src/quantities/histogram.js';
import type {LoadSecond} from '../../src/signals/contract.js';
import type {LoadSpec} from '../../src/signals/load/spec.js';
import {startLoadThread} from '../../src/signals/load/thread.js';
import type {WritesByRequest} from '../../src/signals/load/writes.js';
import {systemClock} from '../../src/system/clock.js';

/** A load as a file says it: the lines below its name. */
export async function readLoad(folder: string, lines: string): Promise<LoadSpec> {
  const file = join(folder, 'store.yaml');
  writeFileSync(
    file,
    `version: 1
title: A store
targets: { store: { docker: store-1 } }
faults: [{ name: freeze, pause: {}, targets: [store], for: 20s }]
steadyState: { errors: { load: { of: users, measure: errors.ratio }, tolerance: { below: 1% } } }
load:
  users:
${lines.replaceAll(/^/gm, '    ')}
`,
  );
  const {parsed} = await readExperiment(file, {variables: {}, environment: {}, includeFrom: undefined});
  expect(parsed.problems).to.deep.equal([]);
  return parsed.experiment!.load['users']!;
}

export interface SentLoad {
  /** How many requests ended how, so far. */
  outcomes(): Readonly<Record<string, number>>;
  /** Ends it; what it has written. */
  stop(): Promise<WritesByRequest | undefined>;
}

export async function sendLoad(spec: LoadSpec, secrets: Readonly<Record<string, string>> = {}): Promise<SentLoad> {
  const seconds: LoadSecond[] = [];
  const load = await startLoadThread({
    spec,
    reveal: text => text.replaceAll(/\$\{secret:env:(\w+)\}/g, (_, name: string) => secrets[name] ?? ''),
    clock: systemClock(),
    onSecond: second => seconds.push(second),
    onFailure: error => expect.fail(error.message),
  });
  return {
    outcomes: () => {
      const counts: Record<string, number> = {};
      for (const [name, part] of seconds.flatMap(({outcomes}) => Object.entries(outcomes)))
        counts[name] = (counts[name] ?? 0) + countOf(part);
      return counts;
    },
    stop: async () => {
      await load.stop();
      return load.writes();
    },
  };
}
