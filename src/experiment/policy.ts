import * as z from 'zod';
import {share, showValue} from '../quantities/schema.js';
import {readFields} from './checking/entry.js';
import type {Problem} from './problem.js';
import {openDocument} from './reading/document.js';
import {text} from './schema/fields.js';
import {given} from './sections/section.js';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** What caps every experiment on a machine. What is not there is not limited. */
export interface Policy {
  /** The file it came from, for messages. */
  readonly file: string;
  readonly docker?: {readonly endpoints: readonly string[]};
  readonly kubernetes?: {readonly contexts?: readonly string[]; readonly namespaces?: readonly string[]};
  /** Hosts of others that loads may be sent to. */
  readonly load?: {readonly hosts: readonly string[]};
  readonly maxTargets?: number;
  readonly maxShare?: number;
  /** IANA name of the time zone of hours, days and blackouts. */
  readonly zone: string;
  readonly days?: readonly Day[];
  /** Minutes of the day; an end before the start reaches into the next day. */
  readonly hours?: {readonly from: number; readonly to: number};
  /** Local times `YYYY-MM-DDTHH:MM`, inclusive. */
  readonly blackouts: readonly {readonly from: string; readonly to: string; readonly reason?: string}[];
}

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const MOMENT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d)?$/;

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', {timeZone: zone});
    return true;
  } catch {
    return false;
  }
}

const patterns = (what: string) => z.array(text()).min(1).describe(what);

const hours = () =>
  z
    .string({error: issue => `expected hours such as \`09:00-17:00\`; got ${showValue(issue.input)}`})
    .transform((written, context) => {
      const [, fromHour, fromMinute, toHour, toMinute] = (HOURS.exec(written) ?? []).map(Number);
      const from = (fromHour ?? NaN) * 60 + (fromMinute ?? NaN);
      const to = (toHour ?? NaN) * 60 + (toMinute ?? NaN);
      if (from !== to && to <= 1440) return {from, to};
      context.issues.push({
        code: 'custom',
        message: `expected hours such as \`09:00-17:00\`; got \`${written}\``,
        input: written,
      });
      return z.NEVER;
    });

const moment = () =>
  z.string().regex(MOMENT, {
    error: issue => `expected a date such as \`2026-12-24\` or \`2026-12-24T18:00\`; got ${showValue(issue.input)}`,
  });

const blackout = () =>
  z
    .strictObject({
      from: moment().describe('First day, or first minute.'),
      to: moment().describe('Last day, or last minute; inclusive.'),
      reason: text().optional().describe('Shown to who is refused.'),
    })
    .refine(value => value.from.slice(0, 10) <= value.to.slice(0, 10), {
      error: 'expected `to` after `from`',
      path: ['to'],
    });

/** The fields of a policy file. */
export const policyFields = () => ({
  version: z
    .literal(1, {error: issue => `expected \`1\`; got ${showValue(issue.input)}`})
    .describe('Version of the file format.'),
  docker: z
    .strictObject({
      endpoints: patterns('Engines that may be used, such as `unix:///var/run/docker.sock`; `*` matches anything.'),
    })
    .optional()
    .describe('Which Docker engines may be used.'),
  kubernetes: z
    .strictObject({
      contexts: patterns('Contexts that may be used; `*` matches anything.').optional(),
      namespaces: patterns('Namespaces that may be used; `*` matches anything.').optional(),
    })
    .optional()
    .describe('Which clusters may be used.'),
  load: z
    .strictObject({
      hosts: patterns('Hosts that loads may be sent to, such as `*.staging.example`; `*` matches anything.'),
    })
    .optional()
    .describe('Which hosts may be loaded besides this machine and those of the targets.'),
  maxTargets: z.int().min(1).optional().describe('Ceiling on `safety.maxTargets`.'),
  maxShare: share({positive: true}).optional().describe('Ceiling on `safety.maxShare`.'),
  zone: z
    .string()
    .refine(isZone, {error: issue => `expected a time zone such as \`Europe/Berlin\`; got ${showValue(issue.input)}`})
    .default('UTC')
    .describe('Time zone of hours, days and blackouts.'),
  days: z.array(z.enum(DAYS)).min(1).optional().describe('Days on which experiments may run.'),
  hours: hours().optional().describe('Hours in which experiments may run, such as `09:00-17:00`.'),
  blackouts: z.array(blackout()).default([]).describe('When nothing may run.'),
});

export type ParsedPolicy =
  | {readonly policy: Policy; readonly problems: readonly []}
  | {readonly policy?: undefined; readonly problems: readonly Problem[]};

/** Reads a policy file: all problems at once, or the policy. A policy with a problem must refuse everything. */
export function parsePolicy({
  file,
  content,
}: {
  readonly file: string;
  readonly content: string | Uint8Array;
}): ParsedPolicy {
  const problems: Problem[] = [];
  const document = openDocument({file, content}, 'expected a policy: a mapping with `version`, …', problems);
  if (document === undefined) return {problems};
  const read = readFields(policyFields(), document);
  const {zone, blackouts, docker, kubernetes, load, maxTargets, maxShare, days, hours} = read;
  if (problems.length > 0 || zone === undefined || blackouts === undefined) return {problems};
  const limits = given({docker, load, maxTargets, maxShare, days, hours});
  const clusters = kubernetes === undefined ? {} : {kubernetes: given(kubernetes)};
  return {policy: {file, zone, ...limits, ...clusters, blackouts: blackouts.map(wholeDays)}, problems: []};
}

function wholeDays({
  from,
  to,
  reason,
}: {
  from: string;
  to: string;
  reason?: string | undefined;
}): Policy['blackouts'][number] {
  const complete = (moment: string, time: string) => (moment.includes('T') ? moment : `${moment}T${time}`);
  return {from: complete(from, '00:00'), to: complete(to, '23:59'), ...given({reason})};
}
