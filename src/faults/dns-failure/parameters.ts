import * as z from 'zod';
import {RECORD_TYPES, type RecordType} from '../../quantities/dns.js';
import {duration, share, showValue} from '../../quantities/schema.js';

const TYPES = Object.keys(RECORD_TYPES) as [RecordType, ...RecordType[]];
const WORDS = ['nxdomain', 'servfail', 'refused', 'timeout'] as const;
/** Labels of letters, digits, `-`, `_` and `*`, with dots between them and perhaps one at the end. */
const PATTERN = /^(?:[\w*-]{1,63}\.)*[\w*-]{1,63}\.?$/;
const LONGEST_NAME = 253;

/** One or a list of them, normalised to a list. `wanted` is what one looks like. */
function oneOrMore<T extends z.ZodType>(one: () => T, wanted: string) {
  return z
    .union([one(), z.array(one()).min(1).max(100)], {
      error: issue => `expected ${wanted}, or a list of them; got ${showValue(issue.input)}`,
    })
    .transform((given): z.output<T>[] => (Array.isArray(given) ? (given as z.output<T>[]) : [given as z.output<T>]));
}

/** A text that is what is wanted. */
function text(wanted: string, isIt: (given: string) => boolean) {
  const error = (issue: {readonly input?: unknown}) => `expected ${wanted}; got ${showValue(issue.input)}`;
  return z.string({error}).refine(isIt, {error});
}

const isAddress = (given: string) => z.union([z.ipv4(), z.ipv6()]).safeParse(given).success;
const isName = (given: string) => given.length <= LONGEST_NAME && PATTERN.test(given);

/** One or a list of such texts. */
const texts = (wanted: string, isIt: (given: string) => boolean) => oneOrMore(() => text(wanted, isIt), wanted);
const addresses = () => texts('an IP address such as `192.0.2.1`', isAddress);

const answer = () =>
  z
    .union(
      [
        z.enum(WORDS),
        z.strictObject({address: addresses().describe('The wrong address, IPv4 or IPv6, or a list of them.')}),
      ],
      {
        error: issue =>
          `expected \`nxdomain\`, \`servfail\`, \`refused\`, \`timeout\` or \`{address: 192.0.2.1}\`; got ${showValue(issue.input)}`,
      },
    )
    .optional()
    .describe(
      '`nxdomain`: the name does not exist. `servfail`: the name server failed. `refused`: it does not want to answer. `timeout`: no answer at all. `{address: 192.0.2.1}`: a wrong address; a family without one gets an answer without addresses, and other types than A and AAAA are left alone. Without `answer` the true one comes, after `delay`.',
    );

const shape = () =>
  z.strictObject({
    answer: answer(),
    delay: duration({max: 60_000})
      .prefault('0s')
      .describe('How long the answer, true or wrong, is held back. Resolvers ask again after some seconds.'),
    names: texts('a name such as `db.example.com` or `*.example.com`', isName)
      .optional()
      .describe(
        'Which names: `db.example.com`, `*.example.com` (any name below it), `db-*`; `*` stands for any characters. They are compared with the names that are really asked for, search domains included. Default: all.',
      ),
    types: oneOrMore(() => z.enum(TYPES), 'a type of record such as `A`')
      .optional()
      .describe(`Which types of records: ${TYPES.join(', ')}. Default: all; with \`{address: …}\` A and AAAA.`),
    share: share({positive: true})
      .prefault('100%')
      .describe(
        'Share of the matching questions, drawn for each of them; a question that is asked again is a new one.',
      ),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .optional()
      .describe('Seed of the draw of `share`. Default: it follows from the target and the parameters.'),
    resolvers: texts('the IP address of a name server', isAddress)
      .optional()
      .describe('Name servers (port 53) that the target asks beside those of its `/etc/resolv.conf`.'),
  });

function check(given: z.output<ReturnType<typeof shape>>, context: z.RefinementCtx): void {
  const refuse = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  if (given.answer === undefined && given.delay === 0)
    refuse('answer', 'expected `answer`, `delay` or both; got neither');
  if (given.answer === 'timeout' && given.delay > 0)
    refuse('delay', 'expected no `delay` with `answer: timeout`: there is no answer to hold back');
  if (typeof given.answer !== 'object') return;
  const other = given.types?.find(type => type !== 'A' && type !== 'AAAA');
  if (other !== undefined) refuse('types', `expected A or AAAA with an address as the answer; got \`${other}\``);
}

export const parameters = () =>
  shape()
    .superRefine(check)
    .describe(
      'Answers the DNS questions of a container wrongly, late or not at all. Questions that are not meant, and everything else, go to the name server they were sent to, byte for byte.',
    );
