import {listContainers} from '../engine/container.js';
import type {Engine} from '../engine/engine.js';
import {LABEL} from '../marks/mark-volumes.js';
import {TOOL_PATH} from '../../../linux/tools.js';
import type {Enterable} from './entrance.js';

/** On every helper container: the full id of the container it stands beside. Selectors protect what carries it. */
export const HELPER_LABEL = 'firedrill.helper';
/**
 * The incarnation of that container: a restart gives it another network namespace, and the helper stays in the old one.
 */
const INCARNATION_LABEL = 'firedrill.helper.incarnation';
/** What it holds (a tag); only on helpers that stay. */
export const HOLDS_LABEL = 'firedrill.helper.holds';

/** A helper container as a list of the engine shows it. */
export interface Helper {
  readonly id: string;
  readonly target: string;
  readonly incarnation: string;
  /** The tag of what it holds; undefined for one that runs a single job. */
  readonly holds: string | undefined;
  readonly run: string | undefined;
  readonly running: boolean;
}

export interface HelperOptions {
  readonly image: string;
  /** Whose network namespace it shares; undefined: an empty one of its own. */
  readonly view: Enterable | undefined;
  readonly command: readonly string[];
  readonly run?: string;
  /** It stays and holds this. */
  readonly holds?: string;
}

export function holderName(tag: string): string {
  return `firedrill-helper-${tag}`;
}

/**
 * What the engine is asked for: the target's network namespace and nothing else of it, the rights to change it, no
 * volume, a stop that does not wait. It goes when it ends, also when nobody is there to see it.
 */
export function helperOptions({image, view, command, run, holds}: HelperOptions): object {
  const [entrypoint, ...rest] = command;
  return {
    ...(holds === undefined ? {} : {name: holderName(holds)}),
    Image: image,
    Entrypoint: [entrypoint],
    Cmd: rest,
    User: '0',
    WorkingDir: '/',
    Env: ['LC_ALL=C', `PATH=${TOOL_PATH}`],
    AttachStdout: holds === undefined,
    AttachStderr: holds === undefined,
    StopSignal: 'SIGKILL',
    Labels: {
      [HELPER_LABEL]: view?.id ?? '',
      [INCARNATION_LABEL]: view?.startedAt ?? '',
      ...(run === undefined ? {} : {[LABEL.run]: run}),
      ...(holds === undefined ? {} : {[HOLDS_LABEL]: holds}),
    },
    HostConfig: {
      NetworkMode: view === undefined ? 'none' : `container:${view.id}`,
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
      AutoRemove: true,
    },
  };
}

interface ListedHelper {
  readonly Id: string;
  readonly State?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** All helper containers of this engine, whatever became of them. One list call. */
export async function listHelpers(engine: Engine, signal: AbortSignal): Promise<readonly Helper[]> {
  const found = await listContainers<ListedHelper>(engine, {all: true, filters: {label: [HELPER_LABEL]}}, signal);
  return found.map(({Id, State, Labels}) => ({
    id: Id,
    target: Labels?.[HELPER_LABEL] ?? '',
    incarnation: Labels?.[INCARNATION_LABEL] ?? '',
    holds: Labels?.[HOLDS_LABEL],
    run: Labels?.[LABEL.run],
    running: State === 'running',
  }));
}

/** The helper that stays beside this incarnation of the container, if one does. */
export function holderBeside(helpers: readonly Helper[], view: Enterable): Helper | undefined {
  return helpers.find(
    ({target, incarnation, holds, running}) =>
      running && holds !== undefined && target === view.id && incarnation === view.startedAt,
  );
}
