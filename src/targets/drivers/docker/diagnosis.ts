import {describeError, FiredrillError} from '../../../system/error.js';
import type {Ambient} from '../../contract.js';
import type {Diagnosis} from '../../diagnosis.js';
import {complaintOf} from '../../linux/entrance.js';
import {filterToolsFrom, PROBE as FILTER_PROBE} from '../../linux/partition/tools.js';
import {lackOf, missingOf, needsOf, PROBE as SHAPING_PROBE} from '../../linux/shaping/capabilities.js';
import {addressOf} from './engine/address.js';
import {openEngine, type Engine} from './engine/engine.js';
import {hostAdvice} from './engine/host-pid.js';
import {runAside} from './entrance/aside.js';
import {entranceOf} from './entrance/entrance.js';

/** What the default engine and its host let faults on containers do. Touches no container. */
export async function diagnoseDocker(ambient: Ambient, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  let engine: Engine;
  try {
    engine = await openEngine({...addressOf({}, ambient)}, ambient.redact);
  } catch (error) {
    const advice = error instanceof FiredrillError ? error.hint : undefined;
    const found = describeError(error);
    return [{what: 'Docker engine', state: 'missing', found, ...(advice === undefined ? {} : {advice})}];
  }
  try {
    return [await identity(engine, signal), ...(await inside(engine, signal))];
  } finally {
    await engine.close();
  }
}

async function identity(engine: Engine, signal: AbortSignal): Promise<Diagnosis> {
  const {ServerVersion = 'of an unknown version', CgroupVersion = '1'} = await engine.info(signal);
  const found = `${ServerVersion} at ${engine.address.host}, cgroup v${CgroupVersion}`;
  return {what: 'Docker engine', state: 'works', found};
}

const NETWORK_FAULTS = 'Faults in the network of containers (`network-*`, `http-*`, `dns-failure`) need it';

/** What can be done in the network namespace of a container, tried in one that is thrown away. */
async function inside(engine: Engine, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  const entrance = entranceOf(engine);
  const way = entrance.kind === 'helper' ? `helper containers of \`${entrance.image}\`` : 'nsenter';
  const filter = await runAside(engine, entrance, FILTER_PROBE, signal);
  if (filter.code !== 0) {
    const advice = `${NETWORK_FAULTS}. ${hostAdvice(engine)}, or build the image from helper/Dockerfile.`;
    return [{what: 'way into containers', state: 'missing', found: `${way}: ${complaintOf(filter)}`, advice}];
  }
  const shaping = await runAside(engine, entrance, SHAPING_PROBE, signal);
  return [
    {what: 'way into containers', state: 'works', found: way},
    filtering(filter.stdout),
    ...(shaping.code === 0 ? shapes(shaping.stdout) : []),
  ];
}

function filtering(stdout: string): Diagnosis {
  const tools = filterToolsFrom(stdout);
  const what = 'packet filter';
  if ('why' in tools) {
    const advice = `\`network-partition\`, \`http-*\` and \`dns-failure\` need it; \`network-disconnect\` does not. Install iptables there.`;
    return {what, state: 'missing', found: tools.why, advice};
  }
  const found = `iptables (${tools.backend}), ${tools.families.map(family => `IPv${family}`).join(' and ')}`;
  return {what, state: 'works', found};
}

function shapes(stdout: string): readonly Diagnosis[] {
  const missing = missingOf(stdout);
  const netem = lackOf(needsOf({kind: 'netem'}, 'both', true), missing);
  const module =
    'Load the module on the host of the engine (`modprobe`; some distributions ship it as linux-modules-extra).';
  const what = 'traffic control';
  if (netem === undefined) return [{what, state: 'works', found: 'netem, filters, both directions'}];
  const works = [
    ...(lackOf(needsOf({kind: 'netem'}, 'egress', false), missing) === undefined ? ['netem on what is sent'] : []),
    ...(missing.has('tbf') ? [] : ['`network-bandwidth`']),
    ...(missing.has('statistic') ? [] : ['`network-loss` with a plain `loss`']),
  ];
  const instead = `What works: ${[...works, '`network-partition`', 'every `network-*` on a proxy target'].join(', ')}.`;
  return [{what, state: 'limited', found: `missing: ${netem}`, advice: `${module} ${instead}`}];
}
