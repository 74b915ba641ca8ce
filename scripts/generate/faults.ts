import {FAULTS} from '../../src/experiment/catalogue.generated.js';
import {LATER_DRIVERS, LATER_FAULTS} from '../../src/experiment/schema/later.js';
import {EVERYWHERE, type FaultReference, type NotOnDriver, type OnDriver} from '../../src/faults/reference.js';
import {exampleFile} from './examples.js';
import {fieldsTable} from './fields.js';
import {faultBlocks, mappingsOf} from './json-schema.js';
import type {FoundDriver} from './folders.js';
import {fence, NOTE, page, table} from './markdown.js';

/** Each fault's reference, by its name. */
export type References = Readonly<Record<string, FaultReference>>;

type Drivers = readonly FoundDriver[];

const titlesOf = (drivers: Drivers) => drivers.map(({reference}) => reference.title);
const namesOf = (drivers: Drivers) => drivers.map(({name}) => name);
const entryOn = ({on}: FaultReference, driver: string) => on[driver] ?? on[EVERYWHERE];
const isOn = (entry: OnDriver | NotOnDriver | undefined): entry is OnDriver =>
  entry !== undefined && !('missing' in entry);

/** The drivers on whose targets a form works, by kind. */
function hitOf(drivers: Drivers, hits: readonly string[]): Drivers {
  return drivers.filter(({kinds}) => kinds.some(kind => hits.includes(kind)));
}

/** What the references and the code say differently, as sentences; none when all is well. */
export function referenceProblems(references: References, drivers: Drivers): readonly string[] {
  return Object.entries(FAULTS).flatMap(([name, {forms}]) => {
    const reference = references[name];
    if (reference === undefined) return [`expected src/faults/${name}/reference.ts to export \`reference\``];
    const hit = namesOf(
      hitOf(
        drivers,
        forms.flatMap(({hits}) => hits),
      ),
    );
    const told = Object.keys(reference.on).filter(driver => driver !== EVERYWHERE);
    const shown = reference.examples.map(({on}) => on);
    return [
      ...told.filter(driver => !hit.includes(driver)).map(driver => `tells of ${driver}, which the fault does not hit`),
      ...hit
        .filter(driver => entryOn(reference, driver) === undefined)
        .map(driver => `says nothing of ${driver}, which the fault hits`),
      ...shown
        .filter(driver => !hit.includes(driver) || !isOn(entryOn(reference, driver)))
        .map(driver => `has an example on ${driver}, where it is not`),
      ...forms
        .filter(({hits}) => !shown.some(driver => namesOf(hitOf(drivers, hits)).includes(driver)))
        .map(({hits}) => `has no example for ${hits.join(', ')}`),
    ].map(problem => `src/faults/${name}/reference.ts ${problem}`);
  });
}

function support(name: string, reference: FaultReference | undefined, driver: string): string {
  const entry = reference === undefined ? undefined : entryOn(reference, driver);
  if (isOn(entry)) return '✓';
  return LATER_DRIVERS[name]?.includes(driver) === true ? 'later' : '–';
}

/** Drivers of which the same is told stand together. */
function onDrivers(reference: FaultReference, drivers: Drivers): readonly string[] {
  const told = drivers.flatMap(driver => {
    const entry = entryOn(reference, driver.name);
    return entry === undefined ? [] : [{driver, entry, text: JSON.stringify(entry)}];
  });
  return told
    .filter(({text}, i) => told.findIndex(other => other.text === text) === i)
    .map(({entry, text}) =>
      onDriver(titlesOf(told.filter(other => other.text === text).map(({driver}) => driver)), entry),
    );
}

function onDriver(drivers: readonly string[], entry: OnDriver | NotOnDriver): string {
  const where = `**On ${drivers.join(', ')}**`;
  if (!isOn(entry)) return `${where}: not there. ${entry.missing}`;
  const {mechanism, undo, proof, privileges, limits} = entry;
  return [
    where,
    '',
    `- Mechanism: ${mechanism}`,
    `- Undo: ${undo}`,
    `- Proof: ${proof}`,
    `- Needs: ${privileges}`,
    ...(limits === undefined ? [] : [`- Limits: ${limits}`]),
  ].join('\n');
}

function parameters(name: string, drivers: Drivers): readonly string[] {
  const blocks = faultBlocks(name);
  const forms = FAULTS[name]?.forms ?? [];
  return forms.flatMap(({hits}, i) => [
    ...(forms.length > 1 ? [`Parameters on ${titlesOf(hitOf(drivers, hits)).join(', ')}:`] : []),
    ...mappingsOf(blocks[i] ?? {}).map(mapping => fieldsTable(mapping)),
  ]);
}

function details(name: string, reference: FaultReference | undefined, drivers: Drivers): readonly string[] {
  const {summary = '', nature} = FAULTS[name] ?? {};
  return [
    `## ${name}`,
    summary,
    nature === 'state'
      ? 'State fault: it holds for `for` and is undone.'
      : 'Event fault: it happens once; `heal` says who restores the target.',
    ...parameters(name, drivers),
    ...(reference?.notes ?? []),
    ...(reference === undefined ? [] : onDrivers(reference, drivers)),
    ...(reference?.examples ?? []).flatMap(example => [
      `Example on ${titlesOf(drivers.filter(({name}) => name === example.on)).join('')}:`,
      fence(exampleFile(example, drivers)),
    ]),
  ];
}

const INTRODUCTION = [
  'A fault is an entry of `faults`: a name, one of the keys below with its parameters, the targets, and how long it lasts (see [the experiment file](experiment-file.md)).',
  'Each section says how the fault works on each driver: the **mechanism**; the exact **undo**, which the runner, the guardian or `firedrill recover` carries out and which you can type yourself (`plan` prints it with the names filled in); the **proof** that is read on the target when the fault is injected, every few seconds while it holds, and after the undo; and what it **needs**. What is missing is refused by `firedrill plan` with the reason, before anything is touched.',
  'The examples are whole files for the demo shop. Save one in `experiments/`, beside the files it includes, and run it: `firedrill run experiments/mine.yaml`. On docker, start the shop first: `docker compose -f demo/compose.yaml up --build -d`. On processes, Firedrill starts and stops the shop itself. On proxied connections, start `firedrill proxy --config demo/proxy.yaml` first. On kubernetes, the targets are those that `experiments/shop-kubernetes.base.yaml` selects.',
];

/** docs/faults.md */
export function faultsDoc(references: References, drivers: Drivers): string {
  const names = Object.keys(FAULTS);
  const matrix = names.map(name => [
    `[${name}](#${name})`,
    FAULTS[name]?.nature === 'state' ? 'holds until undone' : 'happens once',
    ...namesOf(drivers).map(driver => support(name, references[name], driver)),
  ]);
  const later = Object.entries(LATER_FAULTS).filter(([name]) => !(name in FAULTS));
  return page([
    '# Faults',
    NOTE,
    ...INTRODUCTION,
    table(['fault', 'nature', ...titlesOf(drivers)], matrix),
    ...names.flatMap(name => details(name, references[name], drivers)),
    ...(later.length === 0
      ? []
      : [
          '## Not in this version yet',
          'These names are known and refused with what to use meanwhile.',
          table(
            ['fault', 'meanwhile'],
            later.map(([name, instead]) => [`\`${name}\``, instead]),
          ),
        ]),
  ]);
}
