import type {LogPlace, LogSpec} from '../../signals/logs/spec.js';
import type {TargetSpec} from '../experiment.js';
import {checkName, type ProblemReport} from '../reading/tree.js';
import type {WrittenLog} from '../schema/logs.js';
import {given} from './section.js';

/** Drivers whose targets' output can be followed. */
const WITH_LOGS = ['docker', 'process'];

/** `logs`: what is followed. What was wrong is reported and left out. */
export function readLogs(
  report: ProblemReport,
  written: Readonly<Record<string, WrittenLog>>,
  declared: {readonly names: readonly string[]; readonly targets: readonly TargetSpec[]},
): readonly LogSpec[] {
  return Object.entries(written).flatMap(([name, {of, file, errors}]) => {
    if (of !== undefined && !canFollow(report, ['logs', name, 'of'], of, declared)) return [];
    const place: LogPlace = of === undefined ? {file: file ?? ''} : {target: of};
    return [{name, place, ...given({errors})}];
  });
}

function canFollow(
  report: ProblemReport,
  path: readonly string[],
  of: string,
  {names, targets}: {readonly names: readonly string[]; readonly targets: readonly TargetSpec[]},
): boolean {
  if (!checkName(report, path, of, {what: 'a target', known: names, section: 'targets'})) return false;
  const target = targets.find(({name}) => name === of);
  // It could not be read, which is reported already.
  if (target === undefined) return false;
  const {driver, selector} = target;
  if (!WITH_LOGS.includes(driver)) {
    const message = `expected a target of ${WITH_LOGS.map(known => `\`${known}\``).join(' or ')}, whose output can be followed; \`${of}\` is of \`${driver}\``;
    report.add({path, code: 'UNSUITABLE', message, hint: 'follow its log as a `file`, where it writes one'});
    return false;
  }
  if (driver === 'docker' || selector['start'] !== undefined) return true;
  const message = `expected a process that Firedrill starts (\`start\`), whose output it has; \`${of}\` is found running`;
  report.add({path, code: 'UNSUITABLE', message, hint: 'follow its log as a `file`, where it writes one'});
  return false;
}
