import type {JsonObject} from '../quantities/json.js';
import type {Change} from './change.js';
import type {DnsWish} from './dns.js';
import type {HttpWish} from './http.js';
import type {Impairment, PacketFilter} from './packets.js';
import type {TargetRef} from './target.js';
import type {Amount, AuthorAction, AuthorCommand, Flow, Heal, ConnectionShare, ProcessChoice} from './wishes.js';

/** What drivers can draft, by capability. A fault names the entries it needs. All durations in ms, sizes in bytes. */
export interface Drafts {
  lifecycle: {
    pause(t: TargetRef): Promise<Change>;
    /** `nothing`: why there is nothing to put back, where the author knows that the target only handles the signal. */
    kill(t: TargetRef, options: {signal: string; heal: Heal; nothing?: string | undefined}): Promise<Change>;
    stop(t: TargetRef, options: {graceMs: number; heal: Heal}): Promise<Change>;
    restart(t: TargetRef, options: {graceMs: number}): Promise<Change>;
  };
  network: {
    disconnect(t: TargetRef, options: {network: string | undefined}): Promise<readonly Change[]>;
  };
  resources: {
    cpuThrottle(t: TargetRef, options: {cpus: number}): Promise<Change>;
    memoryLimit(t: TargetRef, options: {bytes: number}): Promise<Change>;
    /** Processes and threads. */
    pidsLimit(t: TargetRef, options: {limit: number}): Promise<Change>;
  };
  /** stress-ng in the target's cgroup. It ends itself a while after `forMs`. */
  stress: {
    /** `load` is a share of one core for each worker; without `workers` as many as the target may use cores. */
    cpu(t: TargetRef, o: {workers: number | undefined; load: number; forMs: number}): Promise<Change>;
    /** Either `bytes` to take, or the `share` of its limit that is in use in the end. */
    memory(t: TargetRef, o: Amount & {forMs: number}): Promise<Change>;
    /** `bytes` for each worker, in the file system of a folder of the target. */
    io(t: TargetRef, o: {workers: number; bytes: number; path: string | undefined; forMs: number}): Promise<Change>;
  };
  disk: {
    fill(t: TargetRef, o: Amount & {path: string | undefined; marginBytes: number | undefined}): Promise<Change>;
  };
  descriptors: {
    /** `limit` is the new soft limit; without it `leave` more can be opened. `processes`: a regular expression. */
    exhaust(
      t: TargetRef,
      o: {leave: number; limit: number | undefined; processes: string | undefined},
    ): Promise<Change>;
  };
  shaping: {
    /** One change for each target: what its interfaces do to the packets that the filter means. */
    shape(
      targets: readonly TargetRef[],
      o: {impairment: Impairment; filter: PacketFilter; forMs: number},
    ): Promise<readonly Change[]>;
  };
  /** Processes inside the target. */
  processes: {
    pause(t: TargetRef, choice: ProcessChoice): Promise<Change>;
    kill(t: TargetRef, options: ProcessChoice & {signal: string; heal: Heal}): Promise<Change>;
  };
  /** HTTP/1 requests on the way to or from the target. */
  http: {
    treat(t: TargetRef, wish: HttpWish): Promise<Change>;
  };
  dns: {
    fail(t: TargetRef, wish: DnsWish): Promise<Change>;
  };
  partition: {
    /** One change for each cut, in order. */
    cut(cuts: readonly Cut[]): Promise<readonly Change[]>;
  };
  connection: {
    latency(t: TargetRef, o: Flow & {delayMs: number; jitterMs: number}): Promise<Change>;
    bandwidth(t: TargetRef, o: Flow & {bytesPerSecond: number}): Promise<Change>;
    down(t: TargetRef, o: {ttlMs: number}): Promise<Change>;
    reset(t: TargetRef, o: ConnectionShare): Promise<Change>;
    /** Nothing arrives on these connections any more. */
    loss(t: TargetRef, o: ConnectionShare): Promise<Change>;
    slowClose(t: TargetRef, o: Flow & {delayMs: number}): Promise<Change>;
    /** Swallows what passes; closes the connection `afterMs` later, or holds it when undefined. */
    timeout(t: TargetRef, o: Flow & {afterMs: number | undefined}): Promise<Change>;
    slicer(t: TargetRef, o: Flow & {averageBytes: number; variationBytes: number; delayMs: number}): Promise<Change>;
    limitData(t: TargetRef, o: Flow & {bytes: number}): Promise<Change>;
  };
  workload: {
    delete(t: TargetRef, options: {graceSeconds: number | undefined}): Promise<Change>;
    scale(t: TargetRef, options: {replicas: number}): Promise<Change>;
  };
  author: {
    act(
      t: TargetRef,
      o: {do: AuthorAction; undo: AuthorAction | {nothing: string} | undefined; proof: AuthorAction | undefined},
    ): Promise<Change>;
    /**
     * Nothing is done; from then on the command is owed. It is a preparation, so it comes before every flip. `proof`
     * ends with 0 once nothing is left to do, with 1 while something is.
     */
    owe(t: TargetRef, o: {run: AuthorCommand; proof?: AuthorCommand | undefined}): Promise<Change>;
  };
  /** Processes that the file tells Firedrill to start: flip starts, undo stops. */
  provision: {
    start(t: TargetRef, selector: JsonObject): Promise<Change>;
  };
}

/** What one target no longer exchanges, and with whom. */
export interface Cut {
  readonly target: TargetRef;
  /** Other targets, wherever they are while it holds. Without these and without addresses in the filter: everyone. */
  readonly peers: readonly TargetRef[];
  readonly filter: PacketFilter;
  /** Packets vanish, or are answered as if nobody were there. */
  readonly action: 'drop' | 'reject';
  readonly forMs: number;
}
