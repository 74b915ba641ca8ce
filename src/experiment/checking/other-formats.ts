import {isMapping} from '../reading/tree.js';

/** A file of another tool, recognised by what only such files have. */
interface OtherFormat {
  /** "a Chaos Toolkit experiment" */
  readonly what: string;
  readonly hint: string;
}

const START = '`firedrill new FAULT` prints a file to start from';

const FAULT_OF_CHAOS_MESH: Readonly<Record<string, string>> = {
  PodChaos: '`delete`, `pause` or `kill`',
  NetworkChaos: '`network-latency`, `network-loss` or `network-partition`',
  HTTPChaos: '`http-status`, `http-latency` or `http-abort`',
  StressChaos: '`cpu-stress` or `memory-stress`',
  IOChaos: '`io-stress` or `disk-fill`',
  DNSChaos: '`dns-failure`',
};

function manifest(apiVersion: string, kind: string): OtherFormat {
  if (apiVersion.startsWith('chaos-mesh.org/')) {
    const fault = FAULT_OF_CHAOS_MESH[kind];
    const meant = fault === undefined ? '' : `\`${kind}\` is the fault ${fault} here; `;
    return {
      what: `a Chaos Mesh manifest (\`kind: ${kind}\`)`,
      hint: `${meant}\`selector\` is a target, \`duration\` is \`for\`; ${START}`,
    };
  }
  if (apiVersion.startsWith('litmuschaos.io/'))
    return {
      what: `a Litmus manifest (\`kind: ${kind}\`)`,
      hint: `\`appinfo\` is a target, each of \`experiments\` a fault, each of its probes a metric of \`steadyState\`; ${START}`,
    };
  return {
    what: `a Kubernetes manifest (\`kind: ${kind}\`)`,
    hint: 'name what it makes as a target: `targets: { web: { kubernetes: { context, namespace, kind: deployment, name } } }`',
  };
}

function proxies(document: readonly unknown[]): OtherFormat | undefined {
  const isProxies = document.every(one => isMapping(one) && 'listen' in one && 'upstream' in one);
  return document.length > 0 && isProxies
    ? {what: 'a configuration of Toxiproxy', hint: 'name its proxies as targets: `toxiproxy: { name, url }`'}
    : undefined;
}

/** What a file is that was written for another tool; undefined where it is none that is known. */
export function otherFormat(document: unknown): OtherFormat | undefined {
  if (Array.isArray(document)) return proxies(document);
  if (!isMapping(document) || 'steadyState' in document || 'faults' in document) return undefined;
  const {apiVersion, kind, services} = document;
  if (typeof apiVersion === 'string' && typeof kind === 'string') return manifest(apiVersion, kind);
  if ('steady-state-hypothesis' in document || ('method' in document && 'title' in document))
    return {
      what: 'a Chaos Toolkit experiment',
      hint: `actions of \`method\` are \`faults\` here, probes with a tolerance are \`steadyState\`; \`rollbacks\` are not needed, every fault has its undo. ${START}`,
    };
  if ('kraken' in document) return {what: 'a configuration of krkn', hint: START};
  if (isMapping(services)) {
    const [service = 'web'] = Object.keys(services);
    return {
      what: 'a Compose file',
      hint: `name its services as targets: \`targets: { ${service}: { docker: { project: PROJECT, service: ${service} } } }\``,
    };
  }
  return undefined;
}
