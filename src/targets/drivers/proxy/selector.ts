import * as z from 'zod';

/** Where `firedrill proxy` serves its control API unless told otherwise. */
const DEFAULT_CONTROL = 'http://127.0.0.1:8474';

/**
 * The control API is served on loopback only, so nothing else can be right. A path or credentials would be ignored:
 * refused.
 */
const CONTROL = /^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}\/?$/;

const name = () =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      'expected the name of a proxied connection (letters, digits, `.`, `_`, `-`)',
    )
    .describe('Name of the connection, as given to `firedrill proxy --name`.');

/** `proxy: inventory`, or `proxy: {name: inventory, control: http://127.0.0.1:8474}`. Normalised to the latter. */
export const selector = () =>
  z
    .union([
      name().transform(given => ({name: given, control: DEFAULT_CONTROL})),
      z.strictObject({
        name: name(),
        control: z
          .string()
          .regex(CONTROL, 'expected the loopback address of a proxy’s control API, such as `http://127.0.0.1:8474`')
          .transform(url => url.replace(/\/$/, ''))
          .prefault(DEFAULT_CONTROL)
          .describe('Address of the control API of the `firedrill proxy` process.'),
      }),
    ])
    .describe('A TCP connection that goes through a running `firedrill proxy`.');
