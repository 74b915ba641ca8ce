import type {SafetySpec} from '../experiment/experiment.js';
import {DAYS, type Day, type Policy} from '../experiment/policy.js';
import {formatShare} from '../quantities/share.js';
import type {JsonObject} from '../quantities/json.js';

/** What an experiment is about to do, as far as a policy cares. */
export interface PolicyRequest {
  readonly targets: readonly {
    /** The name in the file. */
    readonly name: string;
    readonly driver: string;
    /** As the driver's `address` answered: `{host}` for Docker, `{context, namespace}` for Kubernetes. */
    readonly address: JsonObject;
  }[];
  readonly safety: SafetySpec;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** How long the run is expected to take: it must end in time too. */
  readonly lastsMs: number;
}

/** The limits that hold: the stricter of file and policy. */
export function strictest(safety: SafetySpec, policy: Policy | undefined): SafetySpec {
  return {
    ...safety,
    maxTargets: Math.min(safety.maxTargets, policy?.maxTargets ?? Infinity),
    maxShare: Math.min(safety.maxShare, policy?.maxShare ?? Infinity),
  };
}

/**
 * Why the policy does not allow this here or now, in sentences; `[]` when it does. A file that asks for more than the
 * ceilings is refused rather than cut down: it says something else than what would happen.
 */
export function checkPolicy(policy: Policy, request: PolicyRequest): readonly string[] {
  const reasons = [
    ...request.targets.flatMap(target => placeReasons(policy, target)),
    ...ceilingReasons(policy, request.safety),
    ...timeReasons(policy, request),
  ];
  return [...new Set(reasons)].map(reason => `${reason} (${policy.file})`);
}

/** A load, and where it goes that is neither this machine nor a target. */
export interface ForeignLoad {
  readonly load: string;
  readonly host: string;
  /** As the file writes it, for messages. */
  readonly written: string;
}

/**
 * Loads that nobody who answers for this machine allows: by the policies where one has a list of hosts, else by who
 * starts it.
 */
export function loadReasons(
  policies: readonly Policy[],
  named: readonly string[],
  foreign: readonly ForeignLoad[],
): readonly string[] {
  const lists = policies.flatMap(({load, file}) => (load === undefined ? [] : [{hosts: load.hosts, by: ` (${file})`}]));
  const deciding = lists.length > 0 ? lists : [{hosts: named, by: ''}];
  return deciding.flatMap(({hosts, by}) =>
    foreign
      .filter(({host}) => !hosts.some(pattern => matches(pattern.toLowerCase(), host)))
      .map(
        ({load, written}) =>
          `Expected a load of this machine or of a target, or of a host that ${by === '' ? '`--load-to`' : 'the policy'} names; \`${load}\` goes to \`${written}\`${by}`,
      ),
  );
}

function placeReasons(
  {docker, kubernetes}: Policy,
  {name, driver, address}: PolicyRequest['targets'][number],
): readonly string[] {
  if (driver === 'docker') return allowed(docker?.endpoints, address['host'], {name, what: 'Docker endpoint'});
  if (driver !== 'kubernetes') return [];
  return [
    ...allowed(kubernetes?.contexts, address['context'], {name, what: 'kube context'}),
    ...allowed(kubernetes?.namespaces, address['namespace'], {name, what: 'namespace'}),
  ];
}

function allowed(
  patterns: readonly string[] | undefined,
  value: unknown,
  of: {name: string; what: string},
): readonly string[] {
  if (patterns === undefined) return [];
  const text = typeof value === 'string' ? value.replace(/\/$/, '') : '';
  if (patterns.some(pattern => matches(pattern.replace(/\/$/, ''), text))) return [];
  const list = patterns.map(pattern => `\`${pattern}\``).join(', ');
  return [`Expected a ${of.what} that the policy allows (${list}); target \`${of.name}\` is at \`${text}\``];
}

/** `*` stands for any run of characters; everything else for itself. Linear, whatever the pattern. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function ceilingReasons(policy: Policy, safety: SafetySpec): readonly string[] {
  const reasons: string[] = [];
  if (policy.maxTargets !== undefined && safety.maxTargets > policy.maxTargets) {
    reasons.push(`Expected \`safety.maxTargets\` of at most ${policy.maxTargets}; got ${safety.maxTargets}`);
  }
  if (policy.maxShare !== undefined && safety.maxShare > policy.maxShare) {
    reasons.push(
      `Expected \`safety.maxShare\` of at most ${formatShare(policy.maxShare)}; got ${formatShare(safety.maxShare)}`,
    );
  }
  return reasons;
}

interface Local {
  /** `YYYY-MM-DDTHH:MM` */
  readonly text: string;
  readonly day: Day;
  readonly minute: number;
}

function localTime(ms: number, zone: string): Local {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(ms));
  const part = (type: string) => parts.find(candidate => candidate.type === type)?.value ?? '';
  const weekday = part('weekday').toLowerCase();
  return {
    text: `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`,
    day: DAYS.find(day => day === weekday) ?? 'mon',
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

function timeReasons(policy: Policy, {now, lastsMs}: PolicyRequest): readonly string[] {
  const startMs = Date.parse(now);
  const start = localTime(startMs, policy.zone);
  const end = localTime(startMs + lastsMs, policy.zone);
  const reasons: string[] = [];
  const window = describeWindow(policy);
  if (!isOpen(policy, start)) reasons.push(`Expected ${window}; it is ${start.day} ${start.text} (${policy.zone})`);
  else if (!isOpen(policy, end))
    reasons.push(`Expected a run that ends within ${window}; it may take until ${end.day} ${end.text}`);
  for (const {from, to, reason} of policy.blackouts) {
    if (start.text > to || end.text < from) continue;
    reasons.push(`Nothing may run from ${from} to ${to} (${policy.zone})${reason === undefined ? '' : `: ${reason}`}`);
  }
  return reasons;
}

function describeWindow({days, hours}: Policy): string {
  const clock = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const parts = [days?.join(', '), hours === undefined ? undefined : `${clock(hours.from)}-${clock(hours.to)}`];
  return `the policy's hours (${parts.filter(part => part !== undefined).join(' ')})`;
}

/** Hours that reach over midnight belong to the day on which they start. */
function isOpen({days, hours}: Policy, {day, minute}: Local): boolean {
  const open = (which: Day) => days === undefined || days.includes(which);
  if (hours === undefined) return open(day);
  const {from, to} = hours;
  if (from < to) return open(day) && minute >= from && minute < to;
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7] ?? day;
  return (open(day) && minute >= from) || (open(yesterday) && minute < to);
}
