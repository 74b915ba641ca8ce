import type {OnDriver} from './reference.js';

/** What the faults on proxied connections have in common. Documentation data: see reference.ts. */

/** A toxic of Firedrill's own proxy. `id`: its name there, with `-DIRECTION` where it has one. */
export function inProxy(id: string, mechanism: string, exercised: string, limits?: string): OnDriver {
  return {
    mechanism: `Toxic \`${id}\` in the \`firedrill proxy\` process: ${mechanism}`,
    undo: `\`curl -H @TOKENFILE -X DELETE CONTROL/v1/connections/NAME/toxics/${id}\`. The toxic has a time to live: the proxy itself ends it 30 s after \`for\` when nobody else does, and the end of the proxy ends it.`,
    proof: `The control API lists the toxic on the same proxy process (\`GET CONTROL/v1/state\`). Exercised: ${exercised}.`,
    privileges: 'None but reaching the control address of the proxy, on loopback.',
    ...(limits === undefined ? {} : {limits}),
  };
}

/** The same by the toxics of a Toxiproxy server. `type`: in its own words. */
export function inToxiproxy(type: string, mechanism: string, limits?: string): OnDriver {
  return {
    mechanism: `Toxic \`firedrill-RUN-${type}-STREAM\` of type \`${type}\`: ${mechanism}`,
    undo: `\`curl -X DELETE URL/proxies/NAME/toxics/firedrill-RUN-${type}-STREAM\`, by the guardian when Firedrill is gone: Toxiproxy has no time to live.`,
    proof:
      'The API lists the toxic with our attributes. Toxiproxy counts nothing: whether it was exercised is not known.',
    privileges: 'None but reaching the API of the server.',
    limits: `\`seed\` is refused: Toxiproxy draws each connection by chance.${limits === undefined ? '' : ` ${limits}`}`,
  };
}
