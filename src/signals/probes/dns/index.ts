import {Resolver} from 'node:dns/promises';
import {FiredrillError} from '../../../system/error.js';
import type {OpenProbe, ProbeSource, Reading} from '../../contract.js';
import {codeOf, isTimeUp} from '../../network/failure.js';
import {noValue, type NoValue} from '../../missing.js';
import {parameters, type Parameters} from './parameters.js';
import {comparable, recordsOf} from './records.js';

/** As long as the longest `timeout` that a file may give: the read's own signal ends it. */
const LIMIT_MS = 86_400_000;

/** What the resolver's errors say, in the words of DNS. */
const KINDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'NXDOMAIN: the name does not exist',
  ESERVFAIL: 'SERVFAIL: the name server failed',
  EREFUSED: 'REFUSED: the name server refuses the question',
  EFORMERR: 'FORMERR: the name server does not understand the question',
  ENOTIMP: 'NOTIMP: the name server does not answer such questions',
  EBADRESP: 'BADRESP: the name server answered something else',
};

type DnsAnswer = {readonly records: readonly string[]; readonly ms: number} | NoValue;

/** Why the resolver has no answer. */
function unanswered(code: string): NoValue {
  if (code === 'EBADNAME') return noValue('question', 'the name is not a name');
  if (code === 'ETIMEOUT') return noValue('timeout', 'the name server does not answer');
  if (code === 'ECONNREFUSED') return noValue('refused', 'no name server listens there');
  const said = KINDS[code];
  return said === undefined
    ? noValue('other', `failed (${code})`)
    : noValue(`dns-${said.split(':', 1)[0] ?? ''}`, said);
}

/**
 * Each read asks with a resolver of its own: no server is avoided because an earlier read failed, no socket is kept.
 */
async function ask(wanted: Parameters, signal: AbortSignal): Promise<DnsAnswer> {
  signal.throwIfAborted();
  const resolver = new Resolver({timeout: LIMIT_MS, tries: 1});
  if (wanted.server !== undefined) resolver.setServers([wanted.server]);
  const onAbort = () => resolver.cancel();
  signal.addEventListener('abort', onAbort, {once: true});
  const started = performance.now();
  try {
    const records = await recordsOf(resolver, wanted);
    return {records, ms: performance.now() - started};
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    // NOERROR without a record of this type is an answer.
    if (code === 'ENODATA') return {records: [], ms: performance.now() - started};
    return unanswered(code);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Why the records are not the expected ones; undefined when they are. */
function unexpected(records: readonly string[], {answers, type}: Parameters): NoValue | undefined {
  if (records.length === 0) return noValue('record', `no ${type} record`);
  if (answers === undefined) return undefined;
  const spelt = (list: readonly string[]) => list.map(record => comparable(record, type)).sort();
  const [came, expected] = [spelt(records), spelt(answers)];
  if (came.join('\n') === expected.join('\n')) return undefined;
  return noValue('record', `answered ${came.join(', ')} (expected ${expected.join(', ')})`);
}

function readingOf(asked: DnsAnswer, wanted: Parameters): Reading {
  if ('why' in asked) return wanted.measure === 'up' ? {value: 0} : asked;
  if (wanted.measure === 'count') return {value: asked.records.length};
  const none = unexpected(asked.records, wanted);
  if (wanted.measure === 'up') return {value: none === undefined ? 1 : 0};
  return none ?? {value: asked.ms};
}

function open(wanted: Parameters): OpenProbe {
  return {
    asks: 'target',
    read: async signal => {
      try {
        return [readingOf(await ask(wanted, signal), wanted)];
      } catch (error) {
        // No answer in time is an answer to the question whether it is up.
        if (wanted.measure === 'up' && isTimeUp(signal)) return [{value: 0}];
        throw error;
      }
    },
    close: () => Promise.resolve(),
  };
}

/** @throws FiredrillError PROBE_UNUSABLE when the resolver does not take the server's address. */
function checked(wanted: Parameters): Parameters {
  try {
    if (wanted.server !== undefined) new Resolver().setServers([wanted.server]);
    return wanted;
  } catch (cause) {
    const message = `Expected the IP address of a name server in \`server\`; got \`${wanted.server ?? ''}\`.`;
    throw new FiredrillError('PROBE_UNUSABLE', message, {cause});
  }
}

export const source: ProbeSource = {
  name: 'dns',
  summary: 'Latency, availability or number of records of a DNS answer.',
  parameters,
  opens: {anew: 'a resolver and its socket', kept: 'nothing; names are not cached'},
  open: given => Promise.resolve().then(() => open(checked(given as Parameters))),
};
