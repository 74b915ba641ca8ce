import {excerpt} from '../../../../system/secrets.js';
import type {Engine} from '../engine/engine.js';
import {entranceOf} from './entrance.js';
import {runByHelper} from './helper.js';
import {notRun, type Bound, type Job, type Ran} from './jobs.js';
import {runByNsenter} from './nsenter.js';

/**
 * Runs each script in its container's network namespace and answers in order; one that fails hurts no other. By
 * `nsenter` a few shells do all of it, by helper it is one container a job, a few at a time. Rejects only with the
 * reason of the bound's signal.
 */
export async function runInside(engine: Engine, jobs: readonly Job[], bound: Bound): Promise<readonly Ran[]> {
  const answers: Ran[] = [];
  const nsenter: number[] = [];
  const byImage = new Map<string, number[]>();
  jobs.forEach(({view}, index) => {
    const entrance = entranceOf(engine, view);
    if (entrance.kind === 'nsenter') nsenter.push(index);
    else if (entrance.kind === 'none') answers[index] = notRun(entrance.why);
    else byImage.set(entrance.image, [...(byImage.get(entrance.image) ?? []), index]);
  });
  const jobsAt = (places: readonly number[]) => places.flatMap(place => jobs[place] ?? []);
  const put = (places: readonly number[], ran: readonly Ran[]) => {
    places.forEach((place, nth) => {
      answers[place] = told(ran[nth] ?? notRun('it was not run'), engine.redact);
    });
  };
  await Promise.all([
    ...(nsenter.length === 0 ? [] : [runByNsenter(engine, jobsAt(nsenter), bound).then(ran => put(nsenter, ran))]),
    ...[...byImage].map(async ([image, places]) =>
      put(places, await runByHelper(engine, image, jobsAt(places), bound)),
    ),
  ]);
  return answers;
}

/** A failed script complains on either output. */
function told(ran: Ran, redact: (text: string) => string): Ran {
  return ran.code === 0 ? ran : {...ran, stderr: excerpt(ran.stderr.trim() || ran.stdout, 400, redact)};
}
