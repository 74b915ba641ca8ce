import {readToken} from '../../../system/control-token.js';
import {FiredrillError} from '../../../system/error.js';
import type {Op} from '../../contract.js';
import type {RefusalView, StateView} from '../../../proxy/protocol.js';
import {ControlClient, reasonIn, whyNoAnswer, type ControlAnswer, type ControlReply} from '../control-client.js';

/** A read is a look at memory on this machine: whatever takes longer will not come. */
const READ_BUDGET_MS = 3000;

/** Speaks to the control API of one `firedrill proxy`. */
export class ProxyClient extends ControlClient {
  /** `tokenFile`: where the token of the proxy at this address lies. */
  constructor(
    control: string,
    readonly tokenFile: string,
  ) {
    super(control, () => readToken(tokenFile));
  }

  /** All that the proxy knows. Throws DRIVER_UNREACHABLE. */
  async state(signal?: AbortSignal, budgetMs = READ_BUDGET_MS): Promise<StateView> {
    const bounded = Math.max(1, Math.min(budgetMs, READ_BUDGET_MS));
    const reply = await this.send('GET', '/v1/state', {budgetMs: bounded, signal});
    if (!('answer' in reply)) throw unreachable(this.control, whyNoAnswer(reply) ?? '');
    const {status, body} = reply.answer;
    if (status === 200 && isState(body)) return body;
    if (status === 401) throw await this.#unauthorized();
    throw unreachable(this.control, `something answers there (status ${status}), but not a proxy of this version`);
  }

  async #unauthorized(): Promise<FiredrillError> {
    const held = (await readToken(this.tokenFile)) !== undefined;
    const why = held ? 'holds the token of another process' : 'holds no token that can be read';
    const message = `The proxy at \`${this.control}\` takes orders only with its token: \`${this.tokenFile}\` ${why} (FIREDRILL_PROXY_TOKENS names another folder).`;
    return new FiredrillError('DRIVER_UNREACHABLE', message, {
      hint: 'Use the user and the FIREDRILL_STATE that the proxy was started with, or set FIREDRILL_PROXY_TOKENS to the folder of the file that it names in its output.',
    });
  }
}

/** Path of a connection in the control API. */
export function connectionPath(object: string): string {
  return `/v1/connections/${encodeURIComponent(object)}`;
}

/** Id of the toxic that an operation is about. */
export function toxicOf({args: {id}}: Pick<Op, 'args'>): string {
  return typeof id === 'string' ? id : '';
}

/** Path of that toxic in the control API. */
export function toxicPath(op: Pick<Op, 'ref' | 'args'>): string {
  return `${connectionPath(op.ref.object)}/toxics/${encodeURIComponent(toxicOf(op))}`;
}

/** Why a request did not have its effect; undefined when it had. */
export function whyNot(reply: ControlReply): string | undefined {
  if (!('answer' in reply)) return whyNoAnswer(reply);
  return reply.answer.status < 300 ? undefined : refusalOf(reply.answer).error;
}

/** The reason in an answer that is not 2xx. */
export function refusalOf(answer: ControlAnswer): RefusalView {
  return {...(answer.body as Partial<RefusalView> | null), error: reasonIn(answer, 'the proxy')};
}

function unreachable(control: string, why: string): FiredrillError {
  return new FiredrillError('DRIVER_UNREACHABLE', `No proxy answers at \`${control}\`: ${why}`, {
    hint: 'Start it with `firedrill proxy --name NAME --listen HOST:PORT --upstream HOST:PORT`, or correct `control`.',
  });
}

function isState(body: unknown): body is StateView {
  const state = body as Partial<StateView> | null | undefined;
  return state?.instance?.protocol === 1 && Array.isArray(state.connections) && Array.isArray(state.stops);
}
