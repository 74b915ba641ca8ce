import {FiredrillError} from '../../../system/error.js';
import type {ProbeContext} from '../../contract.js';
import {certificateCheck} from '../../network/certificates.js';
import {basicAuthorization, revealedUrl} from '../../network/http-parts.js';
import {openRequester} from '../../network/requester.js';
import {PrometheusServer} from './server.js';

/**
 * The Prometheus server of an entry of `sources`.
 * @throws FiredrillError PROBE_UNUSABLE where the file has no such source.
 */
export async function serverOf(
  from: string,
  {sources, reveal}: Pick<ProbeContext, 'sources' | 'reveal'>,
): Promise<PrometheusServer> {
  const address = sources[from]?.prometheus;
  if (address === undefined) {
    const known = Object.keys(sources).filter(name => sources[name]?.prometheus !== undefined);
    throw new FiredrillError('PROBE_UNUSABLE', `Expected a source with a \`prometheus\` address; got \`${from}\`.`, {
      hint: known.length === 0 ? 'Declare one under `sources`.' : `The file declares: ${known.join(', ')}.`,
    });
  }
  const url = revealedUrl(address, reveal);
  const headers = basicAuthorization(url);
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/`;
  return new PrometheusServer(openRequester(await certificateCheck(undefined)), url, headers);
}
