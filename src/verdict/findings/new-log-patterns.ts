import {SECOND_US} from '../../quantities/duration.js';
import {capital, count} from '../phrase.js';
import type {Finding, LogResult} from '../result.js';
import {say} from '../time.js';
import {action, finding, injectedSpan, type FindingContext, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** So many patterns are shown with an example. */
const MOST_SHOWN = 5;

type Told = LogResult['told'][number];

const amount = ({lines}: Told) => (lines === null ? 'a line' : count(lines, 'line'));

function find({facts}: FindingContext, log: LogResult): Finding {
  const [first] = log.told;
  const errors = log.told.filter(({error}) => error);
  const {fromUs} = injectedSpan(facts);
  const injected = facts.time.seconds(fromUs);
  const from = Math.min(...log.told.map(told => told.first));
  const last = log.told.map(told => told.last);
  const to = last.every(seconds => seconds !== null) ? Math.max(...last) : null;
  const us = (seconds: number) => facts.startUs + seconds * SECOND_US;
  const after = (told: Told) => `${say(Math.max(0, told.first - injected))} after the first injection`;
  const kind = errors.length > 0 ? 'error pattern' : 'pattern';
  const number = errors.length > 0 ? errors.length : log.newPatterns;
  const others = log.newPatterns - 1;
  const more =
    others === 0 ? '' : ` ${capital(count(others, 'other pattern'))} of lines ${others === 1 ? 'is' : 'are'} new, too.`;
  return finding(
    'new-log-patterns',
    facts,
    {fromUs: us(from), toUs: to === null ? null : us(to)},
    {
      ...(errors.length > 0
        ? ratedFixed('SEV4', 'errors of a form that the log did not have before; SEV5 where none of them is an error')
        : ratedFixed(
            'SEV5',
            'lines of a form that the log did not have before, none of them an error; SEV4 for errors',
          )),
      title: `${count(number, `new ${kind}`)} in the log of ${log.name}`,
      what:
        first === undefined
          ? ''
          : `${capital(amount(first))} of a pattern that the baseline did not have, first seen ${after(first)}: ${first.template}.${more}`,
      impact: 'What users noticed of it is not in the log; the metrics say it.',
      evidence: log.told.slice(0, MOST_SHOWN).flatMap(told => [
        {label: `${amount(told)}, first ${after(told)}`, value: told.template},
        {label: 'for example', value: told.example},
      ]),
      recovery:
        to === null
          ? 'It is not known whether such lines still come.'
          : `The last of these lines came at ${facts.time.iso(us(to))}.`,
      factors: log.notes,
      actions:
        errors.length > 0
          ? [action('detect', 'P3', `Decide whether an alert or a runbook of ${log.name} is to name these errors`)]
          : [],
    },
  );
}

/** Lines of forms that a log did not have before anything was injected. */
export const rule: FindingRule = {
  code: 'new-log-patterns',
  order: 125,
  find: context => context.logs.filter(({told}) => told.length > 0).map(log => find(context, log)),
};
