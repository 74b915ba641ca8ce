import {describeError, FiredrillError} from '../../../../system/error.js';
import type {EngineAddress} from './address.js';

/** What became of a mutation. `refused`: it had no effect. `unknown`: it may have had, or may still have. */
export type MutationOutcome =
  | {readonly state: 'done'}
  | {readonly state: 'refused' | 'unknown'; readonly status: number | undefined; readonly why: string};

/** The connection was never made, so nothing was sent. */
const NEVER_SENT = [
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
];

/** The HTTP status that the engine answered with; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** The engine's own words without dockerode's frame around them. */
export function messageOf(error: unknown): string {
  return describeError(error)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
}

/** A 304 says that it was so already, which is as good as done; a 5xx may have stopped half-way. */
export function outcomeOf(error: unknown): MutationOutcome {
  const status = statusOf(error);
  const why = messageOf(error);
  if (status === 304) return {state: 'done'};
  if (status !== undefined) return {state: status >= 500 ? 'unknown' : 'refused', status, why};
  const neverSent = NEVER_SENT.includes(codeOf(error));
  return {
    state: neverSent ? 'refused' : 'unknown',
    status,
    why: neverSent ? `the engine cannot be reached: ${why}` : `the engine's answer was lost: ${why}`,
  };
}

function hintFor(address: EngineAddress, error: unknown): string {
  const code = codeOf(error);
  const where = address.host;
  if (code === 'EACCES' || code === 'EPERM') {
    return `This user may not open ${where}: run as a member of the \`docker\` group, or as root.`;
  }
  if (code === 'ENOENT' && where.startsWith('unix://')) {
    return `There is no ${where.slice('unix://'.length)}: is an engine installed and started? Another one is named by \`host:\` or DOCKER_HOST.`;
  }
  if (code === 'ENOENT') return 'A certificate file is missing: check `tls:` or DOCKER_CERT_PATH.';
  if (code === 'ECONNREFUSED') return `Nothing listens at ${where}: is the engine started?`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host name in ${where} cannot be resolved.`;
  if (/CERT|TLS|SSL|EPROTO|SELF_SIGNED|ISSUER/i.test(`${code} ${messageOf(error)}`)) {
    return 'The TLS handshake failed: check `tls: {ca, cert, key}` (or DOCKER_TLS_VERIFY and DOCKER_CERT_PATH).';
  }
  if (statusOf(error) === 400)
    return 'The engine may expect TLS: give `tls: {ca, cert, key}` or set DOCKER_TLS_VERIFY.';
  return `\`docker -H ${where} info\` should answer; if it does, this is worth a bug report.`;
}

/** The error for an engine that does not answer or refuses us. */
export function unreachable(address: EngineAddress, error: unknown): FiredrillError {
  const reason = error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : messageOf(error);
  return new FiredrillError('DRIVER_UNREACHABLE', `expected a Docker engine at \`${address.host}\`; got: ${reason}`, {
    hint: hintFor(address, error),
    cause: error,
  });
}
