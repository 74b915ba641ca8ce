import type {JsonObject} from '../../quantities/json.js';
import type {Experiment} from '../experiment.js';
import {scenariosOf, type RequestStep} from '../../signals/load/spec.js';
import type {Path} from '../problem.js';
import {isMapping, type ProblemReport} from '../reading/tree.js';

/** The PEM files that a connection of an experiment needs, by what they are for. */
export type PemPaths = Partial<Record<'ca' | 'cert' | 'key', string>>;

/** What is wrong with such files, as the caller found it. */
export type CheckPem = (
  paths: PemPaths,
) => readonly {readonly part: keyof PemPaths; readonly what: string; readonly why: string}[];

interface NamedCertificate {
  readonly path: Path;
  readonly paths: PemPaths;
}

function namedIn(path: Path, value: unknown): readonly NamedCertificate[] {
  if (!isMapping(value)) return [];
  const given = (['ca', 'cert', 'key'] as const).flatMap(part => {
    const file = value[part];
    return typeof file === 'string' && !file.includes('${secret:') ? [[part, file] as const] : [];
  });
  return given.length === 0 ? [] : [{path, paths: Object.fromEntries(given)}];
}

/** A probe has them in `tls`, or is `tls` itself. */
function ofProbe(
  path: Path,
  {source, parameters}: {readonly source: string; readonly parameters: JsonObject},
): readonly NamedCertificate[] {
  const own = [...path, source];
  return source === 'tls' ? namedIn(own, parameters) : namedIn([...own, 'tls'], parameters['tls']);
}

function ofRequest(path: Path, request: RequestStep): readonly NamedCertificate[] {
  if ('sql' in request) return namedIn([...path, 'sql', 'tls'], request.sql.tls);
  if ('redis' in request) return namedIn([...path, 'redis', 'tls'], request.redis.tls);
  return namedIn([...path, 'http', 'tls'], request.http.tls);
}

function namedBy({targets, load, steadyState, expect}: Experiment): readonly NamedCertificate[] {
  return [
    ...Object.values(targets).flatMap(({name, driver, selector}) =>
      namedIn(['targets', name, driver, 'tls'], selector['tls']),
    ),
    ...Object.values(load).flatMap(spec =>
      scenariosOf(spec).flatMap(scenario =>
        scenario.steps.flatMap((step, i) => {
          const place = spec.scenarios === undefined ? [] : ['scenarios', scenario.name, 'steps', i];
          return 'thinkMs' in step ? [] : ofRequest(['load', spec.name, ...place], step);
        }),
      ),
    ),
    ...steadyState.flatMap(metric => ofProbe(['steadyState', metric.name], metric)),
    ...expect.checks.flatMap((check, i) => ofProbe(['expect', 'checks', i], check)),
    ...(expect.writes ?? []).flatMap(({stored}, i) => ofProbe(['expect', 'writes', i, 'stored'], stored)),
  ];
}

/**
 * Files of certificates that are absent or something else are wrong before anything is measured, not when they are
 * first used.
 */
export function checkCertificates(report: ProblemReport, experiment: Experiment, check: CheckPem): void {
  for (const {path, paths} of namedBy(experiment)) {
    for (const {part, what, why} of check(paths)) {
      const message = `expected ${what}; it cannot be read as that`;
      report.add({path: [...path, part], code: 'UNREADABLE', message, hint: why});
    }
  }
}
