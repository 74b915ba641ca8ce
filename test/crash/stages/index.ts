import {DOCKER_CASES, HELPER_CASES} from './docker.js';
import {INNER_PROCESS_CASES} from './inner-processes.js';
import {KUBERNETES_CASES} from './kubernetes.js';
import {PROCESS_CASES} from './process.js';
import {PROXY_CASES, TOXIPROXY_CASES} from './proxy.js';
import {RESOURCE_CASES} from './resources.js';
import type {CrashCase} from './stage.js';
import {NETEM_CASES, TRAFFIC_CASES} from './traffic.js';

/** Every fault on every driver; each family of faults keeps its stages in a file of its own. */
export const CASES: readonly CrashCase[] = [
  ...DOCKER_CASES,
  ...HELPER_CASES,
  ...INNER_PROCESS_CASES,
  ...TRAFFIC_CASES,
  ...NETEM_CASES,
  ...PROCESS_CASES,
  ...RESOURCE_CASES,
  ...PROXY_CASES,
  ...TOXIPROXY_CASES,
  ...KUBERNETES_CASES,
];
