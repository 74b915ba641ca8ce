import type {Occurrence} from '../experiment/timeline.js';
import {formFor, hitsOf, type AnyFault, type AnyForm} from '../faults/contract.js';
import type {JsonObject} from '../quantities/json.js';
import {FiredrillError} from '../system/error.js';
import type {Change, Drafts, Heal, Reader, TargetRef} from '../targets/contract.js';
import type {LocatedChange} from '../targets/contract.js';
import type {Ports} from '../ports.js';
import type {Readers} from '../targets/readers.js';
import {longestMs} from './go-on.js';
import type {ResolvedTarget} from './resolve.js';

/** Targets of one endpoint that an occurrence hits. */
export interface HitGroup {
  readonly target: Pick<ResolvedTarget, 'address' | 'reader'>;
  readonly refs: readonly TargetRef[];
}

/** The pseudo target of faults that name none: the machine that Firedrill runs on. */
export async function hostGroup(readers: Readers): Promise<HitGroup> {
  const address: JsonObject = {};
  return {target: {address, reader: await readers.get('command', address)}, refs: [await hostRef(readers)]};
}

/** This machine as a target. */
export async function hostRef(readers: Readers): Promise<TargetRef> {
  const {endpoint} = await readers.get('command', {});
  return {driver: 'command', kind: 'host', name: 'this machine', endpoint, object: 'host', incarnation: endpoint};
}

/** The form of the fault that hits all of these; the parser has refused a fault whose targets need different ones. */
function suitableForm(fault: AnyFault, refs: readonly TargetRef[], can: Partial<Drafts>): AnyForm | undefined {
  const [first] = refs;
  const form = first === undefined ? undefined : formFor(fault, first.kind);
  for (const ref of refs) {
    if (form?.hits.includes(ref.kind) !== true) {
      throw new FiredrillError(
        'TARGET_UNSUITABLE',
        `Expected a target of kind ${hitsOf(fault).join(' or ')} for \`${fault.name}\`; \`${ref.name}\` is a ${ref.kind}.`,
        {
          hint: 'docs/faults.md shows which fault works on which kind of target.',
        },
      );
    }
    const missing = form.needs.find(need => can[need] === undefined);
    if (missing !== undefined) {
      throw new FiredrillError(
        'CAPABILITY_MISSING',
        `The ${ref.driver} driver cannot do \`${fault.name}\` to \`${ref.name}\`: it has no ${missing} drafts.`,
        {
          hint: `It can draft: ${Object.keys(can).join(', ') || 'nothing'}. docs/faults.md shows the matrix.`,
        },
      );
    }
  }
  return form;
}

/**
 * Asks the fault to draft its changes for these targets. Reads the targets, changes nothing; the changes carry the
 * present incarnations, so an occurrence is drafted again right before it is injected.
 */
export async function draftOccurrence(
  occurrence: Occurrence,
  groups: readonly HitGroup[],
  options: {
    readonly ports: Ports;
    readonly readers: Readers;
    /** All targets of the file, by name. */
    readonly targets: ReadonlyMap<string, Pick<ResolvedTarget, 'hit'>>;
    readonly signal: AbortSignal;
  },
): Promise<readonly LocatedChange[]> {
  const {ports, readers, signal} = options;
  const named = Object.fromEntries([...options.targets].map(([name, {hit}]) => [name, hit.map(({ref}) => ref)]));
  const fault = await ports.fault(occurrence.fault.fault);
  const author =
    typeof occurrence.fault.heal === 'object' || fault.forms.some(({needs}) => needs.includes('author'))
      ? (await readers.get('command', {})).drafts
      : {};
  const drafted = await Promise.all(
    groups.map(async ({target, refs}) => {
      const can = {...author, ...target.reader.drafts};
      const form = suitableForm(fault, refs, can);
      if (form === undefined) return [];
      const changes = await form.draft({
        targets: refs,
        parameters: occurrence.parameters,
        can,
        heal: healOf(occurrence.fault),
        forMs: longestMs(occurrence, fault.nature),
        named,
        signal,
      });
      const owed = await broughtBack(occurrence, refs, author);
      const all = [...changes.map(change => asDecided(occurrence, change)), ...owed];
      return Promise.all(all.map(change => locate(ports, change, target)));
    }),
  );
  return drafted.flat();
}

/** What drivers draft by. A target is left dead only where nothing else brings it back, so they say what would. */
function healOf({heal}: Occurrence['fault']): Heal {
  if (typeof heal === 'object') return 'undo';
  return heal === 'leave' ? 'default' : heal;
}

/**
 * The change as the file decides what becomes of its target.
 * @throws FiredrillError TARGET_UNSUITABLE where the target does not stay down.
 */
function asDecided({fault: {heal, fault}}: Occurrence, change: Change): Change {
  if (heal !== 'leave' && typeof heal !== 'object') return change;
  const {name} = change.target;
  if (change.platformHeals === true)
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `\`${name}\` does not stay down after \`${fault}\`: its restart policy, supervisor or controller brings it back.`,
      {hint: 'Remove `heal`, or take the restart policy away.'},
    );
  const undo =
    heal === 'leave'
      ? {left: `${name} stays as \`${fault}\` leaves it (heal: leave)`}
      : {broughtBack: `${name} is brought back by the command of \`heal\``};
  return {...change, undo, platformHeals: false};
}

/** The commands that bring the targets back, one for each. */
function broughtBack(
  {fault: {heal}}: Occurrence,
  refs: readonly TargetRef[],
  {author}: Partial<Drafts>,
): Promise<readonly Change[]> {
  if (typeof heal !== 'object' || author === undefined) return Promise.resolve([]);
  return Promise.all(refs.map(ref => author.owe(ref, heal)));
}

/** A change may be carried out by another driver than its target's (an author's command). */
async function locate(
  ports: Ports,
  change: Change,
  target: {readonly address: JsonObject; readonly reader: Reader},
): Promise<LocatedChange> {
  const name = change.flip.ref.driver;
  const driver = await ports.driver(name);
  return {change, address: name === 'command' ? {} : target.address, driverVersion: driver.version};
}
