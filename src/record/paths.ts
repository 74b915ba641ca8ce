import {join} from 'node:path';

/** The files of a run folder. */
export function recordPaths(folder: string) {
  return {
    events: join(folder, 'events.ndjson'),
    samples: join(folder, 'samples.ndjson'),
    loads: join(folder, 'load.ndjson'),
    result: join(folder, 'result.json'),
    /** The run in small, for lists of many. */
    summary: join(folder, 'summary.json'),
  };
}
