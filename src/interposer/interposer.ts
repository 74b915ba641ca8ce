import {randomInt} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describeError} from '../system/error.js';
import {isAlive, type ProcessIdentity} from '../system/processes.js';
import {bootId} from '../system/clock.js';
import type {RunningMode} from './mode.js';
import {PLACES, type InterposerReply, type InterposerRequest, type StartFile} from './protocol.js';
import {
  FAMILIES,
  listingScript,
  redirectRules,
  removalScript,
  unhookScript,
  zoneRules,
  type IptablesFamily,
} from './rules.js';
import {runProgram} from './shell.js';

/** A sign of life, and a look at the target and the supervisor, ms. */
const BEAT_MS = 500;
/** When it ends by itself, what is under way has this long. */
const DRAIN_MS = 2_000;

/**
 * One interposer: the rules that bring packets to a mode, and all the reasons for which they go away again: it is asked
 * to, its lease runs out, the target is gone, its supervisor is gone.
 */
export class Interposer {
  readonly #target: ProcessIdentity;
  readonly #supervisor = process.ppid;
  readonly #beating: NodeJS.Timeout;
  #lease: NodeJS.Timeout;
  #leaseEnds: number;
  #beats = 0;
  #leaving: Promise<void> | undefined;
  #redirecting = false;
  /** Another one every time: flows of an earlier redirect may still be remembered in its zone. */
  readonly #zone = randomInt(1, 0xffff);
  /**
   * False where the kernel has no zones: clients that keep their socket are then redirected once they have been silent.
   */
  #zones = true;
  /** Changes of the rules follow each other. */
  #ruling: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly start: StartFile,
    private readonly mode: RunningMode,
    private readonly options: {
      readonly ipv6: boolean;
      /** Called once, when it has nothing left to do. */
      readonly over: () => void;
    },
  ) {
    this.#target = {...start.target, boot: bootId()};
    this.#leaseEnds = performance.now() + start.leaseMs;
    this.#lease = setTimeout(() => void this.leave(DRAIN_MS), start.leaseMs);
    this.#beating = setInterval(() => void this.#beat(), BEAT_MS);
    void this.#beat();
  }

  /** Never rejects. */
  async answer(request: InterposerRequest): Promise<InterposerReply> {
    try {
      switch (request.do) {
        case 'status':
          return await this.#status();
        case 'redirect':
          return await this.#redirect();
        case 'renew':
          this.#renew(request.leaseMs);
          return {ok: true};
        case 'drain':
          await this.leave(request.withinMs);
          return {ok: true};
      }
    } catch (error) {
      return {ok: false, why: describeError(error)};
    }
  }

  /** Replaces rules that are in force by those that the mode wants now. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#redirecting) await this.#redirect().catch(() => undefined);
  }

  /** Rules first, then what is under way, then the end. Never rejects; twice is once. */
  leave(withinMs: number): Promise<void> {
    this.#leaving ??= this.#leave(withinMs);
    return this.#leaving;
  }

  async #leave(withinMs: number): Promise<void> {
    clearTimeout(this.#lease);
    // Whatever fails here: the supervisor removes the rules once more as soon as this process has ended.
    await this.#rule(() => runProgram('sh', ['-c', unhookScript(this.start.tag)])).catch(() => undefined);
    await this.mode.drain(withinMs).catch(() => undefined);
    await this.mode.close().catch(() => undefined);
    await this.#remove().catch(() => undefined);
    clearInterval(this.#beating);
    this.options.over();
  }

  async #status(): Promise<InterposerReply> {
    const rules = rulesIn(await runProgram('sh', ['-c', listingScript(this.start.tag)]));
    const wanted = FAMILIES.reduce((sum, family) => sum + rulesIn(this.#texts(family).join('')), 0);
    const leaseLeftMs = Math.round(this.#leaseEnds - performance.now());
    return {ok: true, rules, wanted, leaseLeftMs, counters: this.mode.counters()};
  }

  #redirect(): Promise<InterposerReply> {
    return this.#rule(async (): Promise<InterposerReply> => {
      if (this.#leaving !== undefined) return {ok: false, why: 'it is ending'};
      // Twice is once: what is there is replaced.
      await this.#remove();
      try {
        for (const family of FAMILIES) {
          const [rules, zones] = this.#texts(family);
          if (rules !== undefined) await restore(family, rules);
          // Last: what is tracked in the zone must find the redirect there.
          if (zones !== undefined) await restore(family, zones).catch(() => (this.#zones = false));
        }
        this.#redirecting = true;
        return {ok: true};
      } catch (error) {
        await this.#remove();
        return {ok: false, why: describeError(error)};
      }
    });
  }

  /** The redirect and, where there are any, the zones: none where nothing is to be redirected. */
  #texts(family: IptablesFamily): readonly string[] {
    if (family === 'ip6tables' && !this.options.ipv6) return [];
    const ruling = {...this.start, redirects: this.mode.redirects, zone: this.#zone};
    const zones = this.#zones ? zoneRules(family, ruling) : undefined;
    return [redirectRules(family, ruling), zones].filter(text => text !== undefined);
  }

  #remove(): Promise<string> {
    return runProgram('sh', ['-c', removalScript(this.start.tag)]);
  }

  #rule<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#ruling.then(change);
    this.#ruling = next.catch(() => undefined);
    return next;
  }

  #renew(leaseMs: number): void {
    if (this.#leaving !== undefined) return;
    clearTimeout(this.#lease);
    this.#leaseEnds = performance.now() + leaseMs;
    this.#lease = setTimeout(() => void this.leave(DRAIN_MS), leaseMs);
  }

  async #beat(): Promise<void> {
    this.#beats += 1;
    try {
      writeFileSync(join(this.folder, PLACES.beat), `${this.#beats}\n`);
    } catch {
      // The folder is gone or the disk is full: the supervisor misses the beat and ends this process.
    }
    // Without a supervisor nobody removes the rules of a dead process; without a target nobody needs them.
    if (process.ppid !== this.#supervisor || !(await isAlive(this.#target))) void this.leave(DRAIN_MS);
  }
}

function restore(family: IptablesFamily, rules: string): Promise<string> {
  return runProgram(`${family}-restore`, ['-w', '5', '--noflush'], rules);
}

/** Rules of a listing or of what is to be restored; chains are none. */
function rulesIn(text: string): number {
  return text.split('\n').filter(line => /^-[AI] /.test(line)).length;
}
