/**
 * A point of a run at which one can die, by name and how many of that name came before: `flip answered#1`. Named and
 * not numbered, so that a busy machine, which may add a retry or a note, changes nothing.
 */
export type Step = string;

/** Whether an event of the record is a step: those that a busy machine may add or leave out are none. */
export function isStep(type: string): boolean {
  return type !== 'noted' && type !== 'proof.changed';
}

/** Names the steps of one run as they come. */
export class Steps {
  readonly all: Step[] = [];
  private readonly counts = new Map<string, number>();

  next(name: string): Step {
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    const step = `${name}#${count}`;
    this.all.push(step);
    return step;
  }
}

/** What of a call to the target's world is a step: as it is sent, while it is under way, and when it was answered. */
export const UNDER_WAY_MS = {'under way': 8, 'long under way': 40} as const;
