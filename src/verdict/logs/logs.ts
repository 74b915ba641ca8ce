import {placeWords, type LogSpec, type NewPattern} from '../../signals/logs/spec.js';
import {eventsOf, type EventOf, type Facts} from '../facts.js';
import {count} from '../phrase.js';
import type {LogResult} from '../result.js';
import {say} from '../time.js';

/** What each log of the file has shown. */
export function logResults(facts: Facts): readonly LogResult[] {
  const {events} = facts.evidence;
  return (facts.experiment.logs ?? []).map(spec => {
    const read = eventsOf(events, 'log.read').findLast(({log}) => log === spec.name);
    return read === undefined ? unfinished(facts, spec) : finished(facts, spec, read);
  });
}

function finished({time}: Facts, {name, place}: LogSpec, read: EventOf<'log.read'>): LogResult {
  const told = ({template, example, isError, count: lines, firstUs, lastUs}: NewPattern) => {
    const [first, last] = [firstUs, lastUs].map(us => time.seconds(us)) as [number, number];
    return {template, example, error: isError, lines, first, last};
  };
  const {lines, errors, unread, patterns, freshPatterns, fresh} = read;
  return {
    name,
    place: placeWords(place),
    ...{lines, errors, unread, patterns},
    newPatterns: freshPatterns,
    told: fresh.map(told),
    notes: notesOf(read),
  };
}

function notesOf({unread, passedBytes, forgotten, skewMs, trouble}: EventOf<'log.read'>): readonly string[] {
  return [
    ...trouble.map(why => `For a time it could not be read: ${why}.`),
    ...(unread === 0 ? [] : [`${count(unread, 'line')} came faster than they could be looked at.`]),
    ...(passedBytes === 0 ? [] : [`${passedBytes} bytes were passed over: they came faster than they could be read.`]),
    ...(forgotten === 0
      ? []
      : [`${count(forgotten, 'pattern')} had to be forgotten, so one that is told as new may have come before.`]),
    ...(skewMs === undefined ? [] : [skewWords(skewMs)]),
  ];
}

/** Times of the report are those at which lines came, by the clock of this machine. */
function skewWords(skewMs: number): string {
  const by = say(Math.abs(skewMs) / 1000);
  return skewMs > 0
    ? `Its lines came at least ${by} after the time that they name: its clock is behind, or it is brought late. What is told here goes by when they came.`
    : `Its lines name a time up to ${by} after they came: its clock is ahead. What is told here goes by when they came.`;
}

/** Of a run whose end is not on record: what was told while it went on. */
function unfinished({evidence, time}: Facts, {name, place}: LogSpec): LogResult {
  const seen = eventsOf(evidence.events, 'log.pattern').filter(({log}) => log === name);
  return {
    name,
    place: placeWords(place),
    ...{lines: null, errors: null, unread: 0, patterns: 0},
    newPatterns: seen.length,
    told: seen.map(({template, example, isError, firstUs}) => ({
      ...{template, example, error: isError, lines: null},
      first: time.seconds(firstUs),
      last: null,
    })),
    notes: ['What it has shown in all is not on record.'],
  };
}
