import {OWN_NETWORK, type FaultReference} from './reference.js';

/** What the faults on HTTP requests have in common in their references. */

const PASSES =
  'Only HTTP/1.0 and HTTP/1.1 in the clear can be treated. TLS and HTTP/2 (gRPC) pass untouched and are counted as `tls` and `http2` in the proof’s readings; what follows an upgrade (WebSocket) passes untouched too.';

/**
 * The entries for all drivers. `does` is the mechanism in a sentence (or two) with a small letter at the start; `hit`
 * what the requests were to be counted.
 */
export function onRequests(does: string, hit: string): FaultReference['on'] {
  return {
    proxy: {
      mechanism: `An HTTP stage in the data path of \`firedrill proxy\` reads the requests of each connection, and the responses to them, and leaves every byte as it is but for the requests that are hit: ${does} A connection that exists already is read from its next request on.`,
      undo: '`DELETE /v1/connections/NAME/toxics/ID` on the control API. Nothing new is treated from then on, a delay that runs is over at once, an answer that has begun is brought to its end; then the stage leaves the data path. The toxic has a time to live: the proxy ends it by itself.',
      proof: `\`GET /v1/state\`: the toxic is in force; exercised by the requests that were ${hit} (\`hits\` of \`matched\` of \`requests\`).`,
      privileges:
        'None but to reach the control API, which is served on loopback only, and to read the token of the proxy: the same user and state directory.',
      limits: PASSES,
    },
    toxiproxy: {missing: 'A Toxiproxy server does not know HTTP: put a `firedrill proxy` into the connection.'},
    docker: {
      mechanism: `An interposer (a process of Firedrill with the same HTTP stage) is started in the container’s network namespace by \`nsenter\`; then iptables redirects new connections to it: those to the container’s \`port\` (nat PREROUTING), or with \`to\` those from it to that host (nat OUTPUT), IPv4 and IPv6, in chains \`firedrill-TAG-in\` and \`firedrill-TAG-out\` with the run’s id in a comment. The interposer passes them on to where they were going; of the requests that are hit, ${does} Connections from before are answered with an RST at their next packet, unless \`existing: leave\`.`,
      undo: 'The jumps to the chains are deleted first (`iptables -t nat -D PREROUTING … -j firedrill-TAG-in`): from then on the service is reached directly. Responses under way end with `Connection: close`, within 2 s at most; then the chains are deleted and the process and its folder are gone. It fails open: a supervisor removes the rules the moment the interposer dies or hangs, the interposer does so at its deadline and when the target has ended, and whoever settles the debt removes them when both are dead. By hand: `pkill -TERM -f STATE/interposers/TAG`.',
      proof: `The rules as \`iptables-save\` shows them in the namespace, all of them; exercised by the requests that were ${hit} (\`hits\` of \`matched\` of \`requests\`), asked of the interposer.`,
      privileges:
        'Root on the engine’s host, with `nsenter`, `iptables` and `awk` (for IPv6 addresses `ip6tables`). A remote engine and a helper container are refused: put a `firedrill proxy` into the connection there.',
      limits: `${PASSES} ${OWN_NETWORK} TLS ports (443, 8443) are refused; use \`network-latency\`, \`network-loss\` or \`network-partition\` with \`remotePort\`, or \`dns-failure\`. While it holds, the service sees the container’s own address instead of its clients’. Requests that the container sends to itself are not received ones. Another such fault on the same port of the container is refused. WebSockets and other long connections that were made meanwhile end with the fault.`,
    },
  };
}

export const requestNotes: readonly string[] = [
  'The `share` is drawn per request that fits, over all connections, in the order in which requests come: of any N in a row about N × share are hit, and the same seed hits the same ones.',
  'Parameters that find requests are AND-ed. A glob fits the whole path or value; a regular expression any part of it.',
];
