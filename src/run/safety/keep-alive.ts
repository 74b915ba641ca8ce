import {describeError} from '../../system/error.js';
import type {RecordWriter} from '../record/writer.js';
import type {Ports} from '../ports.js';
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
 * Starts the guardian and keeps it and the heartbeat going; a guardian that dies is replaced. `end` says farewell.
 * @throws FiredrillError when the first guardian does not start: then nothing may be injected.
 */
export async function keepAlive(options: {
  readonly house: {readonly ports: Ports; readonly record: RecordWriter; readonly run: string};
  readonly state: RunState;
  readonly startGuardian: StartGuardian;
}): Promise<Alive> {
  const {house, state, startGuardian} = options;
  const {ports, record, run} = house;
  const stop = new AbortController();
  let guardian = await startGuardian(ports.ambient.stateDir, run);
  const gone = new Set<GuardianHandle>();
  const watch = (handle: GuardianHandle) => void handle.ended.then(() => gone.add(handle));
  watch(guardian);
  let started = 1;
  const replace = async () => {
    started++;
    record.event({type: 'noted', level: 'warning', text: 'The guardian process ended; another one is started.'});
    guardian = await startGuardian(ports.ambient.stateDir, run);
    watch(guardian);
  };
  const beating = (async () => {
    while (!stop.signal.aborted) {
      guardian.beat();
      try {
        await state.beat();
        if (gone.has(guardian) && started < MOST_GUARDIANS) await replace();
      } catch (error) {
        record.event({type: 'noted', level: 'warning', text: `Heartbeat: ${describeError(error)}`});
      }
      await ports.clock.sleep(BEAT_MS, stop.signal);
    }
  })().catch(() => undefined);
  return {
    end: async () => {
      stop.abort();
      await beating;
      await guardian.bye();
    },
    abandon: () => stop.abort(),
  };
}
