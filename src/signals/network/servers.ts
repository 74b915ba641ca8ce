import {setImmediate} from 'node:timers/promises';
import {noValue, type NoValue} from '../missing.js';

/** How long a server is asked alone before the next one is asked beside it, ms; as the addresses of one name. */
const HEAD_START_MS = 250;

/** Asks one server. Rejects when it has no answer; cuts what it has opened once the signal is aborted. */
export type AskServer<T> = (signal: AbortSignal) => Promise<T>;

/** None of the servers answered as wanted. */
export class NoneAnswered extends Error {
  constructor(
    /** Why, of each server in the order of the list. */
    readonly errors: readonly unknown[],
  ) {
    super('no server answered as wanted');
  }
}

/**
 * Asks servers in the order of the list until one answers; the others are cut. One that hangs (a process that is
 * paused still accepts connections) does not hold up the next one. Rejects with `NoneAnswered` or the signal's reason.
 */
export function firstToAnswer<T>(servers: readonly AskServer<T>[], signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const errors: unknown[] = [];
    const running = new Set<AbortController>();
    let asked = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (settle: () => void, winner?: AbortController) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const other of running) if (other !== winner) other.abort();
      running.clear();
      asked = servers.length;
      settle();
    };
    const onAbort = () => end(() => reject(signal.reason as Error));
    const next = () => {
      clearTimeout(timer);
      const at = asked++;
      const ask = servers[at];
      if (ask === undefined) {
        if (running.size === 0) end(() => reject(new NoneAnswered(errors)));
        return;
      }
      const cut = new AbortController();
      running.add(cut);
      ask(cut.signal).then(
        answer => {
          if (running.has(cut)) end(() => resolve(answer), cut);
        },
        (error: unknown) => {
          errors[at] = error;
          if (running.delete(cut)) next();
        },
      );
      if (at + 1 < servers.length) timer = setTimeout(next, HEAD_START_MS);
    };
    signal.addEventListener('abort', onAbort, {once: true});
    next();
  });
}

/** What a probe keeps between reads. */
export interface Connection {
  /** It broke, or the server has closed it. */
  readonly lost: boolean;
  /** Ends it at once; whatever waits for it is rejected. */
  cut(): void;
}

/** Servers that one question is put to: the connection to the one that answered last is kept. */
export class Servers<Server, Kept extends Connection> {
  private kept: {readonly server: Server; readonly connection: Kept} | undefined;

  constructor(
    private readonly list: readonly Server[],
    /** Cuts what it has opened where it rejects. */
    private readonly connect: (server: Server, signal: AbortSignal) => Promise<Kept>,
  ) {}

  /** Whether the next question goes to a server that has answered before. */
  async isKept(): Promise<boolean> {
    if (this.kept === undefined) return false;
    // What happened to the connection meanwhile is heard of first: sockets are read between two of these.
    await setImmediate();
    await setImmediate();
    if (!this.kept.connection.lost) return true;
    this.leave()?.cut();
    return false;
  }

  /**
   * Asks the server that answered last, then the others in the order of the list. A question that rejects goes on to
   * the next one. Rejects with `NoneAnswered` or the signal's reason; nothing is kept then.
   */
  async ask<T>(question: (connection: Kept) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.isKept();
    const {kept} = this;
    this.kept = undefined;
    const put = async (server: Server, connection: Kept, cut: AbortSignal) => {
      cut.addEventListener('abort', () => connection.cut(), {once: true});
      try {
        cut.throwIfAborted();
        return {server, connection, answer: await question(connection)};
      } catch (error) {
        connection.cut();
        throw error;
      }
    };
    const others = this.list
      .filter(server => server !== kept?.server)
      .map(server => async (cut: AbortSignal) => put(server, await this.connect(server, cut), cut));
    const again = kept === undefined ? [] : [(cut: AbortSignal) => put(kept.server, kept.connection, cut)];
    const {answer, server, connection} = await firstToAnswer([...again, ...others], signal);
    this.kept = {server, connection};
    return answer;
  }

  /** Hands over the connection that was kept: the next question is put over another one. */
  leave(): Kept | undefined {
    const connection = this.kept?.connection;
    this.kept = undefined;
    return connection;
  }
}

/** The server answers as something else than was wanted. */
export class AnotherRole extends Error {
  constructor(readonly role: string) {
    super(role);
  }
}

/**
 * Why there is no value when no server had one. Where one could not even be asked, nothing is known about all of them.
 */
export function noneOf(each: readonly NoValue[]): NoValue {
  const [first] = each;
  if (first === undefined) return noValue('bug', 'no server to ask');
  const decisive =
    each.find(({missing}) => missing.because === 'ours') ??
    each.find(({missing}) => missing.reason !== 'role') ??
    first;
  if (each.length === 1) return decisive;
  const why = each.map((one, at) => `server ${at + 1}: ${one.why}`).join('; ');
  return {...decisive, why};
}
