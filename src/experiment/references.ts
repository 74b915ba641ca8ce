import {FAULTS} from './catalogue.generated.js';
import {formFor, hitsOf, kindsOf} from './kinds.js';
import type {Experiment, FaultSpec, TargetSpec} from './experiment.js';
import {LOAD_COUNTS, parseLoadReference} from './load-reference.js';
import type {Path} from './problem.js';
import {checkName, checkOnce, isMapping, type ProblemReport} from './reading/tree.js';
import {LATER_DRIVERS, insteadOfDriver} from './schema/later.js';
import type {ReadFault} from './sections/faults.js';
import type {ReadMetric} from './sections/metrics.js';
import {child} from './sections/section.js';
import {occurrenceCount} from './timeline.js';
import {traitsOf} from './traits.js';

/** Names that the file has, whether or not what they name could be read. */
export interface DeclaredNames {
  readonly targets: readonly string[];
  readonly loads: readonly string[];
  readonly logs: readonly string[];
  /** Of each load that could be read: the names of its requests. */
  readonly requests: Readonly<Record<string, readonly string[]>>;
  readonly sources: Experiment['sources'];
}

const MAX_OCCURRENCES = 1000;

/** Names that metrics and checks refer to: loads, targets, sources. */
export function checkSource(
  report: ProblemReport,
  path: Path,
  spec: {source: string; parameters: unknown},
  names: DeclaredNames,
): void {
  if (!isMapping(spec.parameters)) return;
  const {of, from} = spec.parameters;
  const {asks, reads} = traitsOf(spec.source);
  if (typeof of === 'string') {
    const known =
      spec.source === 'load'
        ? {what: 'a load', known: names.loads, section: 'load'}
        : reads === 'logs'
          ? {what: 'a log', known: names.logs, section: 'logs'}
          : {what: 'a target', known: names.targets, section: 'targets'};
    checkName(report, [...path, spec.source, 'of'], of, known);
  }
  if (spec.source === 'load') checkRequest(report, path, spec.parameters, names);
  if (asks !== undefined && typeof from === 'string') {
    const known = Object.entries(names.sources).filter(([, source]) => source[asks] !== undefined);
    checkName(report, [...path, spec.source, 'from'], from, {
      what: `a ${asks === 'prometheus' ? 'Prometheus' : 'Alertmanager'} source`,
      section: 'sources',
      known: known.map(([name]) => name),
    });
  }
}

function checkRequest(
  report: ProblemReport,
  path: Path,
  {of, request}: Readonly<Record<string, unknown>>,
  {requests}: DeclaredNames,
): void {
  const known = typeof of === 'string' && Object.hasOwn(requests, of) ? requests[of] : undefined;
  if (typeof request !== 'string' || known === undefined) return;
  checkName(report, [...path, 'load', 'request'], request, {what: 'a request of that load', known});
}

/** References of a check to what a load counted. */
export function checkLoadReferences(report: ProblemReport, value: unknown, path: Path, loads: readonly string[]): void {
  if (typeof value === 'string' && value.includes('${load:')) checkLoadReference(report, value, path, loads);
  else if (Array.isArray(value)) value.forEach((item, i) => checkLoadReferences(report, item, [...path, i], loads));
  else if (isMapping(value)) {
    for (const [key, item] of Object.entries(value)) checkLoadReferences(report, item, [...path, key], loads);
  }
}

function checkLoadReference(report: ProblemReport, text: string, path: Path, loads: readonly string[]): void {
  const reference = parseLoadReference(text);
  const [section, part, , comparison] = path;
  const fits = section === 'expect' && part === 'checks' && (comparison === 'value' || comparison === 'change');
  if (!fits || reference === undefined) {
    const message = `expected \`\${load:NAME.${LOAD_COUNTS[0]}}\` alone, and only in \`value\` or \`change\` of a check; got \`${text}\``;
    report.add({path, code: 'BAD_REFERENCE', message});
    return;
  }
  if (!checkName(report, path, reference.load, {what: 'a load', known: loads, section: 'load'})) return;
  checkName(report, path, reference.count, {what: 'a count of a load', known: LOAD_COUNTS});
}

/** What faults refer to, and what of them cannot hold together. `targets` has those that could be read. */
export function checkFaults(
  report: ProblemReport,
  faults: readonly ReadFault[],
  targets: readonly TargetSpec[],
  names: DeclaredNames,
): void {
  const known = faults.flatMap(fault => fault.fields.name ?? []);
  const seen = new Set<string>();
  for (const fault of faults) {
    const {part, fields} = fault;
    if (fields.name !== undefined) checkOnce(report, [...part.path, 'name'], fields.name, seen);
    const after = fields.after;
    if (typeof after === 'object') {
      const others = known.filter(name => name !== fields.name);
      checkName(report, [...part.path, 'after', 'fault'], after.fault, {what: 'another fault', known: others});
    }
    checkTargets(report, fault, targets, names);
    checkNamed(report, fault, names);
    checkNature(report, fault);
    if (fault.spec !== undefined) checkTimes(report, fault.spec, part.path);
    if (fields.repeat?.targets === 'redraw') checkRedraw(report, fault, targets);
  }
  checkCycles(report, faults);
}

function checkTargets(
  report: ProblemReport,
  {part, fields, kind}: ReadFault,
  targets: readonly TargetSpec[],
  names: DeclaredNames,
): void {
  const path = [...part.path, 'targets'];
  const given = fields.targets ?? [];
  if (given.length === 0 && fields.targets !== undefined && kind !== undefined && !hitsOf(kind).includes('host')) {
    report.add({path, code: 'MISSING', message: 'expected `targets`: at least one name of a target; it is missing'});
  }
  given.forEach((name, i) => {
    const at = [...path, i];
    if (given.indexOf(name) !== i)
      report.add({path: at, code: 'DUPLICATE_NAME', message: `expected each target once; got \`${name}\` again`});
    if (!checkName(report, at, name, {what: 'a target', known: names.targets, section: 'targets'})) return;
    const target = targets.find(candidate => candidate.name === name);
    if (target !== undefined && kind !== undefined) checkSuitable(report, at, target, kind);
  });
  if (kind === undefined) return;
  checkOneForm(
    report,
    path,
    kind,
    targets.filter(target => given.includes(target.name)),
  );
}

/** A fault takes other parameters on other kinds of target: one entry cannot have both. */
function checkOneForm(report: ProblemReport, path: Path, kind: string, hit: readonly TargetSpec[]): void {
  const forms = hit.flatMap(target => formFor(kind, target) ?? []);
  const other = hit.find((_, i) => forms[i] !== undefined && forms[i] !== forms[0]);
  if (other === undefined || hit[0] === undefined) return;
  const message = `expected targets on which \`${kind}\` takes the same parameters; \`${hit[0].name}\` is a ${kindsOf(hit[0]).join(' or ')} and \`${other.name}\` a ${kindsOf(other).join(' or ')}`;
  report.add({path, code: 'CONTRADICTION', message, hint: 'write one fault for each kind of target'});
}

/** Targets that a fault's parameters name. */
function checkNamed(report: ProblemReport, {part, kind, spec}: ReadFault, names: DeclaredNames): void {
  if (kind === undefined || spec === undefined) return;
  for (const {path, name, hit} of FAULTS[kind]?.targetsNamed?.(spec.parameters) ?? []) {
    const at = [...part.path, kind, ...path];
    if (!checkName(report, at, name, {what: 'a target', known: names.targets, section: 'targets'})) continue;
    if (hit !== true || spec.targets.includes(name)) continue;
    const message = `expected one of the fault's own targets (${spec.targets.map(own => `\`${own}\``).join(', ')}); got \`${name}\``;
    report.add({path: at, code: 'CONTRADICTION', message, hint: `add \`${name}\` to its \`targets\``});
  }
}

function checkSuitable(report: ProblemReport, path: Path, target: TargetSpec, fault: string): void {
  const hits = hitsOf(fault);
  if (kindsOf(target).some(kind => hits.includes(kind))) return;
  const later = Object.hasOwn(LATER_DRIVERS, fault) && LATER_DRIVERS[fault]?.includes(target.driver) === true;
  const message = `\`${fault}\` hits targets of kind ${hits.join(', ')}; \`${target.name}\` is a ${kindsOf(target).join(' or ')} (${target.driver})`;
  if (later)
    report.add({
      path,
      code: 'NOT_BUILT_YET',
      message: `${message}: not in this version yet`,
      hint: insteadOfDriver(fault),
    });
  else report.add({path, code: 'UNSUITABLE', message, hint: 'docs/faults.md shows what works on which kind of target'});
}

function checkNature(report: ProblemReport, {part, fields, kind}: ReadFault): void {
  const nature = kind === undefined ? undefined : FAULTS[kind]?.nature;
  if (nature === 'state' && fields.heal !== undefined) {
    const message = `expected \`heal\` only on faults that happen once; \`${kind ?? ''}\` holds until it is undone`;
    report.add({path: [...part.path, 'heal'], at: 'key', code: 'CONTRADICTION', message, hint: 'remove `heal`'});
  }
  const decides = fields.heal === 'leave' || typeof fields.heal === 'object';
  const back = kind === 'restart' ? '`restart` starts its target again itself' : unharmed(part.value, kind);
  if (decides && back !== undefined) {
    const message = `expected \`heal: ${fields.heal === 'leave' ? 'leave' : '{run: …}'}\` only where a target stays down: ${back}`;
    report.add({path: [...part.path, 'heal'], at: 'key', code: 'CONTRADICTION', message, hint: 'remove `heal`'});
  }
  if (nature === 'event' && fields.keep !== undefined) {
    const message = `expected \`keep\` only on faults that hold; \`${kind ?? ''}\` happens once`;
    report.add({path: [...part.path, 'keep'], at: 'key', code: 'CONTRADICTION', message, hint: 'remove `keep`'});
  }
}

/** Why the fault ends nothing, where its parameters say so. */
function unharmed(fault: unknown, kind: string | undefined): string | undefined {
  const block = isMapping(fault) && kind !== undefined ? fault[kind] : undefined;
  return isMapping(block) && block['undo'] !== undefined ? '`undo` says that there is nothing to put back' : undefined;
}

function checkTimes(report: ProblemReport, fault: FaultSpec, path: Path): void {
  const lasts = fault.forMs * (fault.steps?.parameters.length ?? 1);
  if (fault.repeat !== undefined && fault.repeat.everyMs < lasts) {
    const message = 'expected repeats that do not overlap: `every` is shorter than what is repeated';
    const hint =
      fault.steps === undefined
        ? 'make `every` at least as long as `for`'
        : 'make `every` at least as long as all steps together';
    report.add({path: [...path, 'repeat', 'every'], code: 'CONTRADICTION', message, hint});
  }
  if (occurrenceCount(fault) > MAX_OCCURRENCES) {
    const message = `expected at most ${MAX_OCCURRENCES} injections of one fault; got ${occurrenceCount(fault)}`;
    report.add({path: [...path, 'repeat', 'times'], code: 'WRONG_VALUE', message});
  }
}

function checkRedraw(report: ProblemReport, {part, fields}: ReadFault, targets: readonly TargetSpec[]): void {
  const drawn = targets.filter(target => fields.targets?.includes(target.name));
  const isOpen = ({select, where}: TargetSpec) =>
    (select !== undefined && select.mode !== 'all') || where !== undefined;
  if (drawn.length === 0 || drawn.some(isOpen)) return;
  const message = 'expected targets to draw from; none of them is drawn';
  const hint = 'give a target `select: {count: 1}` or `select: {percent: 50%}`';
  report.add({path: [...child(part, 'repeat').path, 'targets'], code: 'CONTRADICTION', message, hint});
}

/** Each cycle once, at the first of its faults in the file. */
function checkCycles(report: ProblemReport, faults: readonly ReadFault[]): void {
  const next = new Map<string, string>();
  for (const {fields} of faults) {
    if (fields.name !== undefined && typeof fields.after === 'object') next.set(fields.name, fields.after.fault);
  }
  const reported = new Set<string>();
  for (const {fields, part} of faults) {
    const chain: string[] = [];
    let here = fields.name;
    while (here !== undefined && !chain.includes(here)) {
      chain.push(here);
      here = next.get(here);
    }
    // A fault that waits for itself is an unknown other fault and reported as such.
    if (here === undefined || here !== fields.name || reported.has(here) || chain.length < 2) continue;
    for (const name of chain) reported.add(name);
    const message = `expected faults that do not wait for each other; got ${[...chain, here].map(name => `\`${name}\``).join(' → ')}`;
    report.add({path: [...part.path, 'after'], at: 'key', code: 'CYCLE', message});
  }
}

/** A tolerance that only counts after every fault is over is never judged while one is in force. */
export function checkSettling(
  report: ProblemReport,
  metrics: readonly ReadMetric[],
  faults: readonly ReadFault[],
): void {
  const longest = Math.max(...faults.map(fault => fault.fields.for ?? Infinity));
  for (const {name, spec} of metrics) {
    const settles = spec?.tolerance?.settlesWithinMs ?? 0;
    if (settles === 0 || settles < longest || spec?.judge.includes('fault') !== true) continue;
    const message = 'expected less than the longest `for`: the metric would never be judged during a fault';
    report.add({
      path: ['steadyState', name, 'tolerance', 'settlesWithin'],
      code: 'CONTRADICTION',
      message,
      hint: 'or `judge: [recovery]`',
    });
  }
}
