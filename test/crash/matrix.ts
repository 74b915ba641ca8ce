import {availableParallelism} from 'node:os';
import {expect} from 'chai';
import {Gate} from '../support/gate.js';
import {sample} from '../support/sample.js';
import {CrashLab} from './crash-lab.js';
import type {Told} from './doomed-runner.js';
import type {CrashCase, CrashStage} from './stages/stage.js';
import type {Step} from './step.js';

/** Who dies: the runner (its guardian puts back), or both (`recover` does). */
export interface Death {
  readonly step: Step;
  readonly kill: 'runner' | 'both';
}

/**
 * How thoroughly a case is covered. `whole`: every step of a run. `full`: every step at which something is owed, for
 * the first case of a driver. `part`: in the middle of each request that it makes, and behind it, for the others. With
 * FIREDRILL_CRASH=full it is `whole` for the first case of a driver and `full` for the first case of every mechanism,
 * which takes the better part of an hour. `brief`: around the flip only, where everything takes ten times as long.
 */
type Depth = 'whole' | 'full' | 'part' | 'brief';

export interface Coverage {
  readonly depth: Depth;
  readonly mechanism: string;
  readonly deaths: number;
}

const BOTH_AT = ['debts.owed', 'change.confirmed', 'undo.requested', 'mark', 'prepare', 'flip', 'settle'];
const PART: readonly Death[] = [
  {step: 'mark answered#1', kill: 'runner'},
  {step: 'prepare under way#1', kill: 'runner'},
  {step: 'flip under way#1', kill: 'runner'},
  {step: 'flip answered#1', kill: 'both'},
  {step: 'settle under way#1', kill: 'runner'},
  {step: 'settle long under way#1', kill: 'both'},
];

const isOf = (step: Step, name: string) => step.startsWith(`${name}#`) || step.startsWith(`${name} `);

function deathsOf(steps: readonly Step[], depth: Depth): readonly Death[] {
  const part = PART.filter(({step}) => steps.includes(step));
  if (depth === 'part') return part;
  if (depth === 'brief') return part.filter(({step}) => step.startsWith('flip'));
  const first = steps.findIndex(step => isOf(step, 'debts.owed'));
  const last = steps.findLastIndex(step => isOf(step, 'debts.settled'));
  const owing = steps.slice(first, last + 1);
  return [
    ...(depth === 'whole' ? steps : owing).map((step): Death => ({step, kill: 'runner'})),
    ...owing
      .filter(step => BOTH_AT.some(name => isOf(step, name)) && !step.includes(' sent#'))
      .map((step): Death => ({step, kill: 'both'})),
  ];
}

/** So many crashes at a time: they wait for half of it, and more only wait for a processor. */
const AT_ONCE = 4 * availableParallelism();
/** Of one case: each lane has a target of its own. */
const LANES = 4;
/** Crashes of one case, in a sample. */
const MOST_DRAWN = 8;

/**
 * The crash matrix of several cases at once. Each case is decided when the whole runs of all have told how they work.
 */
export class CrashMatrix {
  private readonly gate = new Gate(AT_ONCE);
  private readonly told = new Map<CrashCase, Promise<Told>>();

  constructor(
    private readonly runner: string,
    private readonly cases: readonly CrashCase[],
    /** For mechanisms that are covered in full elsewhere. */
    private readonly most: 'whole' | 'part' | 'brief' = 'whole',
  ) {}

  /** Dies at every step that the case is worth. Rejects with the first thing that was not put back. */
  async cover(one: CrashCase): Promise<Coverage> {
    const {steps, mechanism} = await this.toldBy(one);
    const depth = await this.depthOf(one, mechanism);
    const deaths = sample(deathsOf(steps, depth), MOST_DRAWN).drawn;
    const queue = [...deaths];
    const lanes = Math.min(LANES, Math.ceil(deaths.length / 3));
    const ended = await Promise.allSettled(
      Array.from({length: lanes}, () => this.gate.through(() => this.lane(one, queue))),
    );
    const failed = ended.find(result => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
    return {depth, mechanism, deaths: deaths.length};
  }

  private toldBy(one: CrashCase): Promise<Told> {
    const telling = this.told.get(one) ?? this.gate.through(() => this.wholeRun(one));
    this.told.set(one, telling);
    return telling;
  }

  private async depthOf(one: CrashCase, mechanism: string): Promise<Depth> {
    if (this.most !== 'whole') return this.most;
    const isFirst = one === this.cases.find(({driver}) => driver === one.driver);
    if (process.env['FIREDRILL_CRASH'] !== 'full') return isFirst ? 'full' : 'part';
    if (isFirst) return 'whole';
    for (const earlier of this.cases.slice(0, this.cases.indexOf(one))) {
      const told = await this.toldBy(earlier).catch(() => undefined);
      if (told?.mechanism === mechanism && earlier.variant === one.variant) return 'part';
    }
    return 'full';
  }

  /** A whole run must end well; it tells at which steps one can die. */
  private async wholeRun(one: CrashCase): Promise<Told> {
    const stage = await one.open(one.entry);
    const lab = new CrashLab(this.runner, stage.yaml);
    try {
      const before = await stage.look();
      const {told, said} = await lab.run({});
      expect(told?.ended.kind, `whole run of ${one.entry}: ${told?.ended.detail ?? said}`).to.equal('done');
      expect(told?.owed, `owed after a whole run of ${one.entry}`).to.equal(0);
      expect(await stage.look(), `after a whole run of ${one.entry}`).to.deep.equal(before);
      return told as Told;
    } finally {
      lab.dispose();
      await stage.close();
    }
  }

  /** Takes deaths from the queue, all of them on one target: it must be as it was after each. */
  private async lane(one: CrashCase, queue: Death[]): Promise<void> {
    const stage = await one.open(one.entry);
    try {
      for (let death = queue.shift(); death !== undefined; death = queue.shift()) await this.die(one, stage, death);
    } finally {
      await stage.close();
    }
  }

  /** Dies at one step, lets the guardian (or `recover`) work, and looks whether the target is as it was. */
  private async die(one: CrashCase, stage: CrashStage, {step, kill}: Death): Promise<void> {
    const label = `${one.driver} ${one.entry}: ${kill} killed at ${step}`;
    const lab = new CrashLab(this.runner, stage.yaml);
    try {
      const before = await stage.look();
      const ended = await lab.run({dieAt: step, kill});
      expect(ended.signal, `${label}: ${ended.said}`).to.equal('SIGKILL');
      if (kill === 'runner') await lab.guardianIsDone();
      else expect(await (stage.recover?.() ?? lab.recover()), `${label}: owed after recover`).to.equal(0);
      expect(await stage.look(), label).to.deep.equal(before);
    } finally {
      lab.dispose();
    }
  }
}
