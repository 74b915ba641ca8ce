import type {JsonObject} from '../quantities/json.js';

/**
 * What an interposer does with the traffic that is redirected to it. The process around it (interposer.ts) is the same
 * for all modes: it lives in the target's network namespace, adds and removes the redirect rules, keeps the deadline,
 * watches the target, is watched itself, and answers on the control socket.
 *
 * A second mode is a module that exports a `Mode` and one row in modes.ts. On the driver's side nothing has to be added
 * but a draft: `interposerChange` (docker/mechanisms/interposer/draft.ts) takes the name of the mode and its options as
 * data, and gives the change with prepare (start the process), flip (redirect), proof (rules and counters) and undo
 * (rules first, then drain, then end); `demandInterposer` refuses where no such process can be had.
 */
export interface Mode {
  /**
   * Checks the options, listens, and says what is to be redirected to it; nothing is redirected yet, and may never be.
   * Throws an Error with the reason (it ends the process and becomes the answer of `prepare`).
   */
  start(options: JsonObject, place: ModePlace): Promise<RunningMode>;
}

/** Where the mode runs. */
export interface ModePlace {
  /** First process of the target, as a pid of this machine: the target's files are below `/proc/PID/root`. */
  readonly targetPid: number;
  /** The namespace has IPv6 addresses beside the loopback's: listen on them too. */
  readonly ipv6: boolean;
  /** `redirects` says something else than before: rules that are in force are replaced. */
  changed(): void;
}

export interface RunningMode {
  /** What packets come here. Those of this process itself are never redirected, so it may talk to whoever was meant. */
  readonly redirects: readonly Redirect[];
  /** What it did so far. `exercised` counts what the fault hit; the rest is for the reader of a proof. */
  counters(): Counters;
  /**
   * The rules are gone, nothing new comes: does nothing any more to what passes, lets what is under way end, and
   * resolves when nothing is left or `withinMs` are over. Called at most once, before `close`.
   */
  drain(withinMs: number): Promise<void>;
  /** Ends everything at once: sockets, timers. */
  close(): Promise<void>;
}

export type Counters = JsonObject & {readonly exercised: number};

/** Packets to one port, to be sent to a port of this process instead. */
export interface Redirect {
  /** `input`: what others send to the target. `output`: what the target sends. */
  readonly hook: 'input' | 'output';
  readonly protocol: 'tcp' | 'udp';
  /** Destination port. */
  readonly port: number;
  /** Destination address or block; its family decides for IPv4 or IPv6. Left out: any, of both families. */
  readonly address?: string;
  /** The port of this process, on the wildcard addresses of the same families. */
  readonly to: number;
  /**
   * TCP connections that exist already are not redirected. `reset`: their next packet is answered with an RST, so that
   * whoever pools connections comes here with the next one. `leave`: they go on unaffected.
   */
  readonly existing: 'reset' | 'leave';
}
