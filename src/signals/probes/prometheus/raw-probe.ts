import type {BinGrid} from '../../../quantities/prometheus/counter.js';
import {knownUntil, timingOf, type Life, type ScrapeTiming} from '../../../quantities/prometheus/life.js';
import {bySubject, labelsText, scrapeIntervalOf} from '../../../quantities/prometheus/series.js';
import type {OpenProbe, Past, Reading} from '../../contract.js';
import {noValue} from '../../missing.js';
import type {QueryForm} from './forms.js';
import {livesOf} from './lives.js';
import {SeriesMemory} from './memory.js';
import {ServerClock} from './server-clock.js';
import type {PrometheusAnswer, PrometheusServer} from './server.js';

export interface RawProbeOptions {
  readonly server: PrometheusServer;
  readonly form: QueryForm;
  readonly subject: string | undefined;
  /** Undefined: as often as it is scraped. */
  readonly everyMs: number | undefined;
  /** Whether counters of the first selector that are not there have counted nothing, as far as the other one tells. */
  readonly absentIsZero: (lives: readonly (readonly Life[])[]) => boolean;
  /** The monotonic clock, µs. */
  readonly mono: () => number;
}

/** What has been found out about the scrapes. */
interface Scrapes {
  readonly intervalMs: number;
  readonly binMs: number;
  /** Where a bin begins: bins begin with scrapes, so that none holds parts of two. */
  readonly anchorMs: number;
}

/** How far back it looks to find out how often is scraped; also how much is read at once. */
const LOOK_MS = 300_000;
/** Nobody waits any more for what is older than this. */
const TOO_OLD_MS = 600_000;
/** While nothing is known of the scrapes. */
const FIRST_PATIENCE_MS = 10_000;
const CLOCK_LOOKS = 3;
/**
 * Scrapes come a little early or late: bins as long as the file asks for are kept for a distance that is this little
 * longer.
 */
const ABOUT = 1.05;

const failed = (why: string): readonly Reading[] => [noValue('between', why)];

/**
 * Reads raw samples and makes bins of them, each as soon as nothing can change it any more: when every series has a
 * sample behind its end, or is known to be gone. A bin is as long as `every` or the distance of two scrapes, whichever
 * is longer: shorter ones would be made up.
 */
export class RawProbe implements OpenProbe {
  readonly perSubject: boolean;
  private readonly clock = new ServerClock();
  private readonly memories: readonly SeriesMemory[];
  private readonly subjects = new Set<string | undefined>();
  private scrapes: Scrapes | undefined;
  /** Start of the first bin that has not been told, by the clock of the server. */
  private cursorMs: number | undefined;

  constructor(private readonly options: RawProbeOptions) {
    this.perSubject = options.subject !== undefined;
    this.memories = options.form.selectors.map(() => new SeriesMemory());
    if (!this.perSubject) this.subjects.add(undefined);
  }

  patienceMs(): number {
    if (this.scrapes === undefined) return FIRST_PATIENCE_MS;
    const {gapMs, graceMs, intervalMs} = timingOf(this.scrapes.intervalMs, 0);
    return gapMs + graceMs + intervalMs;
  }

  async read(signal: AbortSignal): Promise<readonly Reading[]> {
    const now = await this.lookAtClock(signal);
    if ('why' in now) return failed(now.why);
    const scrapes = await this.findScrapes(now.nowMs, signal);
    if ('why' in scrapes) return failed(scrapes.why);
    if (this.cursorMs !== undefined && now.nowMs - this.cursorMs > TOO_OLD_MS)
      this.cursorMs = binStart(now.nowMs - TOO_OLD_MS, scrapes);
    const told = await this.advance(now.nowMs, scrapes, signal);
    return 'why' in told ? failed(told.why) : told;
  }

  async history({fromUs}: Past, signal: AbortSignal): Promise<readonly Reading[]> {
    const now = await this.lookAtClock(signal);
    if ('why' in now) throw new Error(now.why);
    const scrapes = await this.findScrapes(now.nowMs, signal);
    if ('why' in scrapes) throw new Error(scrapes.why);
    const fromMs = this.clock.serverMs(fromUs);
    this.cursorMs = binStart(fromMs, scrapes) + scrapes.binMs;
    const readings: Reading[] = [];
    for (let toMs = fromMs; toMs < now.nowMs;) {
      toMs = Math.min(now.nowMs, toMs + LOOK_MS);
      const told = await this.advance(toMs, scrapes, signal);
      if ('why' in told) throw new Error(told.why);
      readings.push(...told);
    }
    return readings;
  }

  close(): Promise<void> {
    return this.options.server.close();
  }

  /** The server's clock now. The first time it is looked at several times: the shortest look says most. */
  private async lookAtClock(signal: AbortSignal): Promise<PrometheusAnswer<{readonly nowMs: number}>> {
    const {server, mono} = this.options;
    let best: {readonly serverMs: number; readonly sentUs: number; readonly receivedUs: number} | undefined;
    for (let looks = this.clock.known ? 1 : CLOCK_LOOKS; looks > 0; looks--) {
      const sentUs = mono();
      const answer = await server.now(signal);
      if ('why' in answer) return answer;
      const look = {serverMs: answer.nowMs, sentUs, receivedUs: mono()};
      if (best === undefined || look.receivedUs - sentUs < best.receivedUs - best.sentUs) best = look;
    }
    if (best === undefined) return {why: 'Prometheus: no answer'};
    const why = this.clock.look(best);
    return why === undefined ? {nowMs: best.serverMs} : {why: `Prometheus: ${why}`};
  }

  /** Finds out, once, how often is scraped. */
  private async findScrapes(nowMs: number, signal: AbortSignal): Promise<PrometheusAnswer<Scrapes>> {
    if (this.scrapes !== undefined) return this.scrapes;
    const {form, everyMs = 0} = this.options;
    const answers = await this.raw({fromMs: nowMs - LOOK_MS, toMs: nowMs}, signal);
    if ('why' in answers) return answers;
    const all = answers.flat();
    const intervalMs = scrapeIntervalOf(all);
    const last = all[0]?.samples.at(-1);
    if (intervalMs === undefined || last === undefined)
      return {why: `there are too few scrapes of \`${form.selectors.at(-1)}\` yet: it takes two`};
    const binMs = intervalMs <= everyMs * ABOUT ? everyMs : intervalMs;
    // Growth lies between two scrapes, the samples of a gauge in the middle of a bin.
    this.scrapes = {intervalMs, binMs, anchorMs: last.atMs - (form.kind === 'gauge' ? Math.round(binMs / 2) : 0)};
    return this.scrapes;
  }

  private async raw(
    window: {readonly fromMs: number; readonly toMs: number},
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Exclude<Awaited<ReturnType<PrometheusServer['raw']>>, {why: string}>[]>> {
    const {server, form} = this.options;
    const answers = [];
    // The last first: a scrape that comes in meanwhile must not show that all have grown and none of the bad ones yet.
    for (const selector of form.selectors.toReversed()) {
      const answer = await server.raw(selector, window, signal);
      if ('why' in answer) return answer;
      answers.unshift(answer);
    }
    return answers;
  }

  /** Tells the bins that are complete at this moment of the server's clock. */
  private async advance(
    nowMs: number,
    scrapes: Scrapes,
    signal: AbortSignal,
  ): Promise<PrometheusAnswer<readonly Reading[]>> {
    const timing = timingOf(scrapes.intervalMs, nowMs);
    const leadMs = timing.gapMs + 2 * timing.intervalMs + scrapes.binMs;
    const fromMs = this.cursorMs === undefined ? nowMs - LOOK_MS : this.cursorMs - leadMs;
    const answers = await this.raw({fromMs, toMs: nowMs}, signal);
    if ('why' in answers) return answers;
    const recalled = answers.map((series, i) => this.memories[i]?.recall(series) ?? []);
    const {server, form} = this.options;
    const lives = await livesOf(server, {recalled, fromMs, kind: form.kind, timing}, signal);
    if ('why' in lives) return lives;
    const untilMs = knownUntil(lives.flat(), timing);
    const startMs = this.cursorMs ?? binStart(untilMs, scrapes) - scrapes.binMs;
    const bins = Math.max(0, Math.floor((untilMs - startMs) / scrapes.binMs));
    const told = this.tell(lives, {grid: {fromMs: startMs, binMs: scrapes.binMs, bins}, timing});
    if ('why' in told) return told;
    lives.forEach((ones, i) => this.memories[i]?.keep(ones, nowMs));
    this.cursorMs = startMs + bins * scrapes.binMs;
    return told;
  }

  private tell(
    lives: readonly (readonly Life[])[],
    {grid, timing}: {readonly grid: BinGrid; readonly timing: ScrapeTiming},
  ): PrometheusAnswer<readonly Reading[]> {
    const {form, subject, absentIsZero} = this.options;
    const unnamed = lives.flat().find(({labels}) => subject !== undefined && (labels[subject] ?? '') === '');
    if (unnamed !== undefined) return {why: `${labelsText(unnamed.labels)} has no label \`${subject}\``};
    const groups = lives.map(ones => bySubject(ones, subject));
    for (const name of groups.flatMap(group => [...group.keys()])) this.subjects.add(name);
    // Holes that began before the first bin are seen only with some bins before it.
    const lead = Math.ceil(timing.gapMs / grid.binMs) + 2;
    const wider = {...grid, fromMs: grid.fromMs - lead * grid.binMs, bins: grid.bins + lead};
    const zero = (this.memories[0]?.seen ?? false) || absentIsZero(lives);
    return [...this.subjects].flatMap(name => {
      const ones = groups.map(group => group.get(name) ?? []);
      const values = form.values(ones, {grid: wider, gapMs: timing.gapMs, absentIsZero: zero}).slice(lead);
      return values.map((value, bin) => ({
        ...value,
        ...(name === undefined ? {} : {subject: name}),
        at: this.clock.monoUs(grid.fromMs + bin * grid.binMs),
        lasts: grid.binMs * 1000,
      }));
    });
  }
}

/** Start of the bin that a moment is in. */
function binStart(atMs: number, {anchorMs, binMs}: Scrapes): number {
  return anchorMs + Math.floor((atMs - anchorMs) / binMs) * binMs;
}
