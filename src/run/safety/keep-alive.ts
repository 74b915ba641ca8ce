import {describeError} from '../../system/error.js';
import type {RecordWriter} from '../../record/writer.js';
import type {Ports} from '../../ports.js';
import type {StopSwitch} from '../stop-switch.js';
import type {RunFence} from './fence.js';
import type {RunState} from './state.js';

/** The runner's hold on its guardian. */
export interface GuardianHandle {
  readonly pid: number;
  /** A sign of life. */
  beat(): void;
  /** The farewell: everything is settled, nobody is needed any more. Resolves when the guardian has ended. */
  bye(): Promise<void>;
  /** Resolves when the guardian has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

export type StartGuardian = (stateDir: string, run: string) => Promise<GuardianHandle>;

const BEAT_MS = 1_000;
/** A guardian that dies again and again is not replaced for ever. */
const MOST_GUARDIANS = 5;

export interface Alive {
  /** Says farewell to the guardian: everything was tried. */
  end(): Promise<void>;
  /** Ends the beating without a farewell: once this process is gone, the guardian takes over. */
  abandon(): void;
}

/**
 * Starts the guardian and keeps it and the heartbeat going; a guardian that dies is replaced. A run that someone else
 * took over is stopped: the heartbeat is the new owner's.
 * @throws FiredrillError when the first guardian does not start: then nothing may be injected.
 */
export async function keepAlive(options: {
  readonly context: {
    readonly ports: Ports;
    readonly record: RecordWriter;
    readonly run: string;
    readonly fence: RunFence;
    readonly stop: StopSwitch;
  };
  readonly state: RunState;
  readonly startGuardian: StartGuardian;
}): Promise<Alive> {
  const {context, state, startGuardian} = options;
  const {ports, record, run, fence} = context;
  const stop = new AbortController();
  let guardian = await startGuardian(ports.ambient.stateDir, run);
  const gone = new Set<GuardianHandle>();
  const watch = (handle: GuardianHandle) => void handle.ended.then(() => gone.add(handle));
  watch(guardian);
  const said = new Set<string>();
  // The same trouble at every beat is one trouble.
  const warn = (text: string) => {
    if (said.has(text)) return;
    said.add(text);
    record.event({type: 'noted', level: 'warning', text});
  };
  let started = 1;
  let replacing: Promise<void> | undefined;
  const replace = async () => {
    started++;
    warn('The guardian process ended; another one is started.');
    try {
      guardian = await startGuardian(ports.ambient.stateDir, run);
      watch(guardian);
    } catch (error) {
      warn(`Guardian: ${describeError(error)}`);
    }
    replacing = undefined;
  };
  const beating = (async () => {
    while (!stop.signal.aborted) {
      if (!(await fence.refresh())) {
        context.stop.pull({kind: 'bug', detail: 'someone else took this run over'});
        return;
      }
      guardian.beat();
      await state.beat().catch((error: unknown) => warn(`Heartbeat: ${describeError(error)}`));
      // A start takes longer than a beat, and the beats must go on meanwhile.
      if (gone.has(guardian) && started < MOST_GUARDIANS) replacing ??= replace();
      await ports.clock.sleep(BEAT_MS, stop.signal);
    }
  })().catch(() => undefined);
  return {
    end: async () => {
      stop.abort();
      await beating;
      await replacing;
      await guardian.bye();
    },
    abandon: () => stop.abort(),
  };
}
