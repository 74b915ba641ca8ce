import {notRun, type Bound, type Entrance, type Job, type Ran} from '../../../linux/entrance.js';
import {excerpt} from '../../../../system/secrets.js';
import type {Engine} from '../engine/engine.js';
import {entranceOf, type Enterable} from './entrance.js';
import {helperBeside} from './helper.js';
import {nsenterInto} from './nsenter.js';

/**
 * The engine's containers, each by its own way in: by `nsenter` a few shells do all of them, by helper it is one
 * container a job, a few at a time.
 */
export function entranceTo(engine: Engine): Entrance<Enterable> {
  return {run: (jobs, bound) => runInside(engine, jobs, bound)};
}

async function runInside(engine: Engine, jobs: readonly Job<Enterable>[], bound: Bound): Promise<readonly Ran[]> {
  const answers: Ran[] = [];
  const byEntrance = new Map<string, {readonly entrance: Entrance<Enterable>; readonly places: number[]}>();
  jobs.forEach(({place}, index) => {
    const found = entranceOf(engine, place);
    if (found.kind === 'none') {
      answers[index] = notRun(found.why);
      return;
    }
    const key = found.kind === 'nsenter' ? '' : found.image;
    const known = byEntrance.get(key);
    const entrance = () => (found.kind === 'nsenter' ? nsenterInto(engine) : helperBeside(engine, found.image));
    if (known === undefined) byEntrance.set(key, {entrance: entrance(), places: [index]});
    else known.places.push(index);
  });
  await Promise.all(
    Array.from(byEntrance.values(), async ({entrance, places}) => {
      const ran = await entrance.run(
        places.flatMap(place => jobs[place] ?? []),
        bound,
      );
      places.forEach((place, nth) => {
        answers[place] = told(ran[nth] ?? notRun('it was not run'), engine.redact);
      });
    }),
  );
  return answers;
}

/** A failed script complains on either output. */
function told(ran: Ran, redact: (text: string) => string): Ran {
  return ran.code === 0 ? ran : {...ran, stderr: excerpt(ran.stderr.trim() || ran.stdout, 400, redact)};
}
