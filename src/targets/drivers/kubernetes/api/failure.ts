import {FiredrillError} from '../../../../system/error.js';
import {excerpt} from '../../../../system/secrets.js';

/** What was asked of the API server, for messages: `cannot patch deployments in namespace shop`. */
export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'patch' | 'delete' | 'create';
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** How the server answered. `status` 0: not at all, so a change may have been made or not. */
interface ApiAnswer {
  readonly status: number;
  readonly detail: string;
  /** When the server asks to come back, ms. */
  readonly retryAfterMs?: number | undefined;
}

/** A request that did not succeed. */
export class RequestFailure extends Error {
  readonly status: number;
  readonly detail: string;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly request: ApiRequest,
    {status, detail, retryAfterMs}: ApiAnswer,
    options: {cause?: unknown} = {},
  ) {
    super(`${describeRequest(request)}: ${status === 0 ? detail : `HTTP ${status}, ${detail}`}`, options);
    this.name = 'RequestFailure';
    this.status = status;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

function describeRequest({verb, resource, namespace, name}: ApiRequest): string {
  const what = name === undefined ? resource : `${resource} \`${name}\``;
  return `${verb} ${what}${namespace === undefined ? '' : ` in namespace \`${namespace}\``}`;
}

const STATUS_IN_BODY = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/;

/** Reads a thrown thing of client-node (ApiException, a fetch error) or of an AbortSignal. */
export function failureOf(request: ApiRequest, error: unknown, redact: (text: string) => string): RequestFailure {
  if (error instanceof RequestFailure) return error;
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number') {
    const headers = 'headers' in error ? (error.headers as Record<string, string> | undefined) : undefined;
    const seconds = Number(headers?.['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
    const detail = bodyMessage('body' in error ? error.body : undefined, redact);
    return new RequestFailure(request, {status: error.code, detail, retryAfterMs}, {cause: error});
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new RequestFailure(request, {status: 0, detail}, {cause: error});
}

/** The `message` of a Status object, which comes parsed, as JSON text or cut off. */
function bodyMessage(body: unknown, redact: (text: string) => string): string {
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string')
    return body.message;
  if (typeof body !== 'string') return 'no reason given';
  const found = STATUS_IN_BODY.exec(body)?.[1];
  return found === undefined ? excerpt(body, 200, redact) : found.replaceAll('\\"', '"');
}

/** The failure as an error for people. `where` names the context and the server. */
export function explain(failure: RequestFailure, where: string): FiredrillError {
  const {request, status, detail} = failure;
  if (status === 401)
    return new FiredrillError('DRIVER_UNREACHABLE', `${where} refuses the credentials: ${detail}`, {
      hint: 'log in again, or check the user of this context in the kubeconfig',
      cause: failure,
    });
  if (status === 403)
    return new FiredrillError(
      'CAPABILITY_MISSING',
      `${where} does not allow to ${describeRequest(request)}: ${detail}`,
      {
        hint: `grant the verb \`${request.verb}\` on \`${request.resource}\`${
          request.namespace === undefined ? '' : ` in namespace \`${request.namespace}\``
        } to the user of this context`,
        cause: failure,
      },
    );
  if (status === 0)
    return new FiredrillError(
      'DRIVER_UNREACHABLE',
      `${where} does not answer (${describeRequest(request)}): ${detail}`,
      {
        hint: 'check that the cluster is up and that this machine reaches it: `kubectl --context … version`',
        cause: failure,
      },
    );
  return new FiredrillError('DRIVER_UNREACHABLE', `${where} failed to ${failure.message}`, {cause: failure});
}

/** The failed request behind an error of this driver. */
export function requestFailureIn(error: unknown): RequestFailure | undefined {
  if (error instanceof RequestFailure) return error;
  return error instanceof Error && error.cause instanceof RequestFailure ? error.cause : undefined;
}
