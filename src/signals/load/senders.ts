import {httpSender, type LoadSender, type RequestParts} from './requests.js';
import type {LoadRequest} from './spec.js';

/** A request of a load, ready to be sent. @throws FiredrillError when it cannot be sent as it is written. */
export async function requestSender(request: LoadRequest, parts: RequestParts): Promise<LoadSender> {
  if ('http' in request) return httpSender(request.http, parts);
  // Loaded where a file asks for it.
  if ('sql' in request) return (await import('./stores/sql.js')).sqlSender(request.sql, parts);
  return (await import('./stores/redis.js')).redisSender(request.redis, parts);
}
