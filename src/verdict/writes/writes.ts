import type {Bounds, WritesSpec} from '../../experiment/experiment.js';
import type {ComparedWrites, ExampleWrite, FoundWrites} from '../../signals/writes/spec.js';
import {MOST_IDS} from '../../signals/writes/spec.js';
import {eventsOf, type EventOf, type Facts} from '../facts.js';
import {describeBounds, isWithin} from '../judgement/tolerance.js';
import type {Verdict, WritesFound, WritesResult} from '../result.js';
import {amount, writesWords} from './words.js';

/** A number of writes of which only an area may be known. */
interface Area {
  readonly lo: number;
  /** Infinity: nobody knows. */
  readonly hi: number;
}

/** Whether every number of the area keeps to the bounds, or none does. */
export function keepsWithin({lo, hi}: Area, bounds: Bounds): Verdict {
  if (lo === hi) return isWithin(lo, bounds) ? 'held' : 'deviated';
  const {equals, below = Infinity, above = -Infinity, atLeast = -Infinity, atMost = Infinity} = bounds;
  const least = Math.max(atLeast, above + 1, equals ?? -Infinity);
  const most = Math.min(atMost, below - 1, equals ?? Infinity);
  if (Math.max(lo, least) > Math.min(hi, most)) return 'deviated';
  return lo >= least && hi <= most ? 'held' : 'inconclusive';
}

/** What is known of each kind of write, with what keeps it from being exact. */
interface Known {
  readonly lost: Area;
  readonly doubled: Area;
  readonly unacknowledged: Area;
  readonly uncertain: readonly string[];
}

/** The ids of the answers are written in another way than those of the list, for all that can be told. */
function isMismatch({lost, acknowledged, already, others}: ComparedWrites): boolean {
  return lost.count > 0 && lost.count >= acknowledged - already && others > 0;
}

function knownOf({writes, settled}: EventOf<'writes.compared'>): Known {
  const {lost, doubled, unacknowledged, already, dropped, repeated, withoutId, others, nameless} = writes;
  const mismatch = isMismatch(writes);
  const unknown = already + dropped;
  const uncertain: readonly (string | false)[] = [
    !settled && 'the list still changed when it was read for the last time',
    mismatch &&
      `none of the ids is in the list, which has other new entries (${writes.otherExamples.slice(0, 3).join(', ')}): they may be written in another way`,
    already > 0 &&
      `${amount(already, 'id')} stood in the list before the load began: whether these writes are there cannot be told`,
    dropped > 0 &&
      `${amount(dropped, 'write')} more than the ${MOST_IDS.toLocaleString('en')} of which the ids are kept`,
    repeated > 0 && `${amount(repeated, 'answer')} named an id that another answer had named`,
    withoutId > 0 && `${amount(withoutId, 'entry', 'entries')} of the list have no id`,
    Math.min(nameless, others) > 0 &&
      `of ${amount(nameless, 'request')} without a good answer the ids are not known: ${amount(others, 'new entry', 'new entries')} of the list may be theirs or somebody else's`,
  ];
  const moving = settled ? 0 : Infinity;
  return {
    lost: {
      lo: settled && !mismatch ? Math.max(0, lost.count - withoutId) : 0,
      hi: lost.count + repeated + unknown,
    },
    doubled: {lo: doubled.count, hi: doubled.count + unknown + withoutId + moving},
    unacknowledged: {
      lo: unacknowledged.count,
      hi: unacknowledged.count + Math.min(nameless, others + withoutId) + unknown + moving,
    },
    uncertain: uncertain.filter(why => why !== false),
  };
}

function exampleOf({written, sentUs, phase}: ExampleWrite, {time}: Facts): WritesFound['examples'][number] {
  return {id: written, sentAt: time.iso(sentUs), phase};
}

function foundOf(
  facts: Facts,
  {phases, sent, examples}: FoundWrites,
  area: Area,
  bounds: Bounds | undefined,
): WritesFound {
  return {
    atLeast: area.lo,
    atMost: Number.isFinite(area.hi) ? area.hi : null,
    expected: bounds === undefined ? null : describeBounds(bounds, 'number'),
    verdict: bounds === undefined ? null : keepsWithin(area, bounds),
    phases,
    ...(sent === undefined ? {} : {sent: {from: facts.time.iso(sent.fromUs), to: facts.time.iso(sent.toUs)}}),
    examples: examples.map(example => exampleOf(example, facts)),
  };
}

/** Nothing was compared: why. */
function withoutComparison(facts: Facts, spec: WritesSpec): Pick<WritesResult, 'verdict' | 'why'> {
  const listed = eventsOf(facts.evidence.events, 'writes.listed').filter(({check}) => check === spec.name);
  const missing = listed.findLast(({entries}) => entries === null);
  const last = missing === undefined ? 'it was not compared with what is stored' : `what is stored could not be listed`;
  return {verdict: 'inconclusive', why: missing?.why === undefined ? last : `${last}: ${missing.why}`};
}

function resultOf(facts: Facts, spec: WritesSpec): WritesResult {
  const {name, load, request} = spec;
  const about = {name, load, ...(request === undefined ? {} : {request})};
  const event = eventsOf(facts.evidence.events, 'writes.compared').findLast(({check}) => check === name);
  if (event === undefined) {
    const nothing = {acknowledged: null, notAcknowledged: null, lists: 0, late: 0, others: 0, uncertain: []};
    return {...about, ...nothing, ...withoutComparison(facts, spec)};
  }
  const {writes, lists, late} = event;
  const known = knownOf(event);
  const found = {
    lost: foundOf(facts, writes.lost, known.lost, spec.lost),
    doubled: foundOf(facts, writes.doubled, known.doubled, spec.doubled),
    unacknowledged: foundOf(facts, writes.unacknowledged, known.unacknowledged, spec.unacknowledged),
  };
  const none = writes.acknowledged === 0;
  const counts = {
    acknowledged: writes.acknowledged,
    notAcknowledged: writes.failed + writes.nameless,
    lists,
    late,
    others: writes.others,
    uncertain: none ? ['no write was acknowledged', ...known.uncertain] : known.uncertain,
  };
  const verdicts = [found.lost.verdict, found.doubled.verdict, found.unacknowledged.verdict];
  const worst =
    (['deviated', 'inconclusive'] as const).find(verdict => verdicts.includes(verdict)) ?? ('held' as const);
  const verdict: Verdict = none && worst === 'held' ? 'inconclusive' : worst;
  const result = {...about, ...counts, ...found, verdict};
  return {...result, why: writesWords(result)};
}

/** The checks of writes of the file, judged. */
export function writesResults(facts: Facts): readonly WritesResult[] {
  return (facts.experiment.expect.writes ?? []).map(spec => resultOf(facts, spec));
}
