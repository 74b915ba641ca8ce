import {createHash} from 'node:crypto';
import {FiredrillError} from '../../../../../system/error.js';
import {LONGEST_SOCKET_PATH} from '../../../../../interposer/protocol.js';
import type {JsonObject} from '../../../../../quantities/json.js';
import type {Change, TargetRef} from '../../../../contract.js';
import type {ContainerView} from '../../engine/container.js';
import {Draft} from '../drafting.js';
import {alsoHit, reaching, type Sharer} from '../shared-network.js';
import type {Engine} from '../../engine/engine.js';
import {isInstalled} from '../../../../linux/tools.js';
import {entranceOf} from '../../entrance/entrance.js';
import {controlPath, interposerFolder} from './home.js';
import {quoteForShell} from '../../../shell-words.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** The lease outlives the fault by this much: the undo is to end it, the lease only stands in for one. */
const UNDO_GRACE_MS = 30_000;
/** Group ids of interposers start here: far from those that systems and people give out. */
const FIRST_GID = 0x4644_0000;

/** What an interposer is to do to one container. */
export interface InterposerWish {
  /** Name of the fault. */
  readonly fault: string;
  /** Name of the mode in src/interposer/modes.ts, and what it is given. */
  readonly mode: string;
  readonly options: JsonObject;
  readonly forMs: number;
  /** One line for the plan, without the container. */
  readonly summary: string;
  /** Slots in the container that no other change may hold. */
  readonly claims: readonly string[];
  /** Who lives in its network namespace too. */
  readonly sharing: readonly Sharer[];
}

const TOOLS = ['iptables-save', 'iptables-restore', 'awk', 'grep'];

/** Why no interposer can be had in this container, with what would do instead. Throws CAPABILITY_MISSING. */
export function demandInterposer(engine: Engine, view: ContainerView, fault: string): void {
  const refuse = (why: string, first: string) => {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `${fault} on container \`${view.name}\` needs a process beside it: ${why}.`,
      {
        hint: `${first === '' ? 'Put' : `${first}, or put`} a \`firedrill proxy\` into the connection and select it as \`proxy\` target.`,
      },
    );
  };
  const entrance = entranceOf(engine, view);
  if (entrance.kind === 'none') refuse(entrance.why, hostAdvice(engine));
  if (entrance.kind === 'helper') {
    const why =
      'it is only started where firedrill is root on the host of the engine; a helper container cannot hold it';
    refuse(why, hostAdvice(engine));
  }
  const missing = TOOLS.find(tool => !isInstalled(tool));
  if (missing !== undefined) refuse(`there is no \`${missing}\` on this machine`, 'Install it');
}

/**
 * A fault on the traffic of a container by an interposer: `prepare` starts it, `flip` redirects, the proof reads the
 * rules and counters, the undo removes the rules, drains and ends the process. The names follow from the container, its
 * incarnation, the fault and its options, so that plan, proof and undo mean the same one.
 */
export function interposerChange(engine: Engine, view: ContainerView, stateDir: string, wish: InterposerWish): Change {
  const draft = new Draft(engine, view);
  const {fault, mode, options, forMs} = wish;
  const tag = tagOf(draft.ref, wish);
  const folder = interposerFolder(stateDir, tag);
  const socket = controlPath(folder);
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH) {
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `${fault}: the path of a socket has at most ${LONGEST_SOCKET_PATH} bytes; \`${socket}\` is longer.`,
      {
        hint: 'Set FIREDRILL_STATE to a shorter path.',
      },
    );
  }
  const names = {folder, tag, incarnation: draft.ref.incarnation};
  const gid = FIRST_GID + Number.parseInt(tag.slice(0, 4), 16);
  return {
    target: draft.ref,
    summary: `container ${view.name}${alsoHit(wish.sharing)}: ${wish.summary}`,
    prepare: draft.op('interposer.start', {...names, mode, options, gid, leaseMs: forMs + UNDO_GRACE_MS}),
    flip: draft.op('interposer.redirect', names),
    proof: draft.op('interposer.is-redirecting', names),
    undo: {
      ...draft.op('interposer.end', names),
      lifetime: 'incarnation',
      proof: draft.op('interposer.is-left', names),
      // On SIGTERM it removes its rules and ends; where it is dead already, a restart makes a new namespace.
      manual: `pkill -TERM -f ${quoteForShell(folder)} || ${draft.manual('restart', view.name)}`,
    },
    claims: wish.claims,
    touches: ['firewall'],
    ...reaching(wish.sharing),
    keeper: 'target',
  };
}

function tagOf({object, incarnation}: TargetRef, {fault, mode, options}: InterposerWish): string {
  const text = JSON.stringify([object, incarnation, fault, mode, options]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
