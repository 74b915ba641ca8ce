import * as z from 'zod';

/** Where `toxiproxy-server` serves its HTTP API unless told otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:8474';

/** The API has no TLS and no credentials; a path would be ignored: refused. */
const URL = /^http:\/\/([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}\/?$/;

const name = () =>
  z
    .string()
    .regex(/^\S{1,200}$/, 'expected the name of a proxy in Toxiproxy')
    .describe('Name of the proxy in Toxiproxy.');

/** `toxiproxy: redis`, or `toxiproxy: {name: redis, url: http://127.0.0.1:8474}`. Normalised to the latter. */
export const selector = () =>
  z
    .union([
      name().transform(given => ({name: given, url: DEFAULT_URL})),
      z.strictObject({
        name: name(),
        url: z
          .string()
          .regex(URL, 'expected the address of a Toxiproxy server’s HTTP API, such as `http://127.0.0.1:8474`')
          .transform(url => url.replace(/\/$/, ''))
          .prefault(DEFAULT_URL)
          .describe('Address of the HTTP API of the Toxiproxy server.'),
      }),
    ])
    .describe('A TCP connection that goes through a running Toxiproxy server.');
