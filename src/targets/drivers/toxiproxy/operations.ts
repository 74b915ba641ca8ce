import type {Applied, Op, OpOutcome} from '../../contract.js';
import {reasonIn, whyNoAnswer, type ControlReply} from '../control-client.js';
import {proxyPath, type ToxiproxyClient} from './client.js';
import {difference, find, nameOf, VERSION, wantedIn} from './toxics.js';

const DONE: OpOutcome = {state: 'done'};

/**
 * Carries out one operation for a run, at most for `budgetMs`: a DELETE may block for as long as a client reads
 * nothing.
 */
export async function perform(
  client: ToxiproxyClient,
  op: Op,
  {run, budgetMs}: {readonly run: string; readonly budgetMs: number},
): Promise<Applied> {
  const deadline = performance.now() + budgetMs;
  const send = (method: string, path: string, body?: object) =>
    client.send(method, path, {body, budgetMs: Math.max(1, deadline - performance.now())});
  return {op, ...(await carryOut(client, op, {run, send}))};
}

interface ToxicSender {
  readonly run: string;
  readonly send: (method: string, path: string, body?: object) => Promise<ControlReply>;
}

function carryOut(client: ToxiproxyClient, op: Op, sender: ToxicSender): OpOutcome | Promise<OpOutcome> {
  const unknown: OpOutcome = {state: 'refused', why: `unknown operation \`${op.op}@${op.v}\``, sent: false};
  if (op.v !== VERSION) return unknown;
  switch (op.op) {
    case 'toxics.add':
      return add(client, op, sender);
    case 'toxics.remove':
      return remove(op, sender);
    case 'proxy.disable':
      return enable(op, sender, false);
    case 'proxy.enable':
      return enable(op, sender, true);
    default:
      return unknown;
  }
}

/** 2xx or one of the statuses that mean that it is so already. */
function outcomeOf(reply: ControlReply, ...fine: readonly number[]): OpOutcome {
  if (!('answer' in reply)) return {state: 'unsent' in reply ? 'refused' : 'unknown', why: whyNoAnswer(reply) ?? ''};
  const {answer} = reply;
  if (answer.status < 300 || fine.includes(answer.status)) return DONE;
  // 5xx: the server's own time-out, after which the change may still take place.
  return {state: answer.status < 500 ? 'refused' : 'unknown', why: reasonIn(answer, 'Toxiproxy')};
}

/** Adds each, then reads all back. */
async function add(client: ToxiproxyClient, op: Op, {run, send}: ToxicSender): Promise<OpOutcome> {
  let someThere = false;
  for (const wanted of wantedIn(op)) {
    const {type, stream, toxicity, attributes} = wanted;
    const body = {name: nameOf(run, wanted), type, stream, toxicity, attributes};
    const outcome = outcomeOf(await send('POST', `${proxyPath(op.ref)}/toxics`, body), 409);
    if (outcome.state !== 'done') return someThere ? {...outcome, state: 'unknown'} : outcome;
    someThere = true;
  }
  const proxy = await client.proxy(op.ref).catch(() => undefined);
  if (proxy === undefined) return {state: 'unknown', why: 'what was added could not be read back'};
  for (const wanted of wantedIn(op)) {
    const there = find(proxy, wanted, run);
    const why = there === undefined ? `\`${nameOf(run, wanted)}\` is not there` : difference(there, wanted);
    if (why !== undefined) return {state: 'unknown', why};
  }
  return DONE;
}

async function remove(op: Op, {run, send}: ToxicSender): Promise<OpOutcome> {
  const outcomes: OpOutcome[] = [];
  for (const wanted of wantedIn(op)) {
    const path = `${proxyPath(op.ref)}/toxics/${encodeURIComponent(nameOf(run, wanted))}`;
    outcomes.push(outcomeOf(await send('DELETE', path), 404));
  }
  return outcomes.find(({state}) => state !== 'done') ?? DONE;
}

async function enable(op: Op, {send}: ToxicSender, enabled: boolean): Promise<OpOutcome> {
  return outcomeOf(await send('POST', proxyPath(op.ref), {enabled}));
}
