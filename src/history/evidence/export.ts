import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Event} from '../../record/events.js';
import {readEvidence} from '../../record/reader.js';
import {FORMATS} from '../../report/registry.generated.js';
import {systemDisk} from '../../system/files.js';
import type {Result} from '../../verdict/result.js';
import type {Entry} from './archive.js';
import {RECORDS, withManifest} from './manifest.js';

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch(() => undefined);
}

const json = (name: string, value: unknown): Entry => ({
  name,
  bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`),
});

/** What was planned and by which policies, as the record has it: secrets stand in it as `***` or as references. */
function planned(events: readonly Event[]): readonly Entry[] {
  const started = events.find(event => event.type === 'run.started');
  if (started?.type !== 'run.started') return [];
  const {experiment, occurrences, seed, tool, command, file, host, policies} = started;
  const resized = events.filter(event => event.type === 'resized');
  return [
    json('plan.json', {experiment, occurrences, resized, seed, tool, command, file, host}),
    json('policy.json', {policies: policies ?? null}),
  ];
}

/** The reports as they lie in the folder; those that every run has are made where they are missing. */
async function reports(folder: string, result: Result): Promise<readonly Entry[]> {
  const found = await Promise.all(
    FORMATS.map(async format => {
      const there = await bytesOf(join(folder, format.file));
      if (there === undefined && format.onRequest) return [];
      return [{name: format.file, bytes: there ?? Buffer.from(await format.render(result))}];
    }),
  );
  return found.flat();
}

/**
 * Everything that an evidence pack of a run holds, with its manifest: the record as it is, the plan and the policies
 * that stand in it, and the reports.
 * @throws FiredrillError RECORD_UNREADABLE
 */
export async function evidenceEntries(folder: string, result: Result, packedBy: string): Promise<readonly Entry[]> {
  const records = await Promise.all(
    RECORDS.map(async name => ({name, bytes: (await bytesOf(join(folder, name))) ?? Buffer.alloc(0)})),
  );
  const {events} = await readEvidence(systemDisk, folder);
  const {run, title, startedAt, verdict, exit, tool, judge, version} = result;
  const versions = {tool, judge, result: version, packedBy};
  return withManifest([...records, ...planned(events), ...(await reports(folder, result))], {
    run,
    title,
    startedAt,
    verdict,
    exit,
    versions,
  });
}

/** The files of a run folder in place of those of a pack, so that the folder is held against its manifest. */
export async function withFolder(entries: readonly Entry[], folder: string): Promise<readonly Entry[]> {
  return Promise.all(
    entries.map(async entry => {
      if (!RECORDS.some(name => name === entry.name)) return entry;
      return {...entry, bytes: (await bytesOf(join(folder, entry.name))) ?? Buffer.alloc(0)};
    }),
  );
}
