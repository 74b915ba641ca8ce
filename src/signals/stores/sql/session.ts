import type {Socket} from 'node:net';
import type {CertificateCheck} from '../../network/certificates.js';
import type {Connection} from '../../network/servers.js';
import type {DatabaseAddress} from './address.js';

/** How long a good-bye to the server may take. */
const FAREWELL_MS = 1000;

/**
 * What a session is opened with: how it is encrypted (undefined: not), how long the server may work on one statement,
 * and whether no statement may change anything.
 */
export interface SqlSessionOptions {
  readonly address: DatabaseAddress;
  /** Connected; whoever made it cuts it. */
  readonly socket: Socket;
  readonly tls: CertificateCheck | undefined;
  readonly statementTimeoutMs: number;
  readonly readOnly: boolean;
}

/** The first column of a row as the server writes it; null for NULL, undefined when it has none. */
export type FirstColumn = string | null | undefined;

export interface SqlAnswer {
  /** Of the first row; undefined when there is no row. */
  readonly first: FirstColumn;
  /** Of the statement alone. */
  readonly ms: number;
}

/** One connection to one database, over which one statement after the other is asked. */
export interface SqlSession {
  /**
   * Asks in a read-only transaction that is rolled back, and hands over each row; answers how long the statement alone
   * took, ms. Rejects with the library's error.
   */
  each(statement: string, take: (first: FirstColumn) => void): Promise<number>;
  /**
   * Has a statement carried out for good, with values for its parameters, which are no part of its text. Answers with
   * the first column of the first row. Rejects with the library's error.
   */
  run(statement: string, values: readonly string[]): Promise<FirstColumn>;
  /**
   * What the server takes, over another connection, for the order to give up the statement that it works on; undefined
   * where it knows none.
   */
  readonly cancelling: Buffer | undefined;
  /** The server has closed it, or it broke. */
  readonly lost: boolean;
  /** Says good-bye to the server. */
  end(): Promise<void>;
}

/** The first row. Rejects with the library's error. */
export async function ask(session: SqlSession, statement: string): Promise<SqlAnswer> {
  let rows = 0;
  let first: FirstColumn;
  const ms = await session.each(statement, value => {
    if (rows++ === 0) first = value;
  });
  return {first, ms};
}

/** A session and the connection that it is on. */
export class SqlConnection implements Connection {
  constructor(
    readonly session: SqlSession,
    readonly address: DatabaseAddress,
    private readonly socket: Socket,
  ) {}

  get lost(): boolean {
    return this.session.lost || this.socket.destroyed;
  }

  cut(): void {
    this.socket.destroy();
  }

  /** Says good-bye, and cuts the connection when the server takes long over it. Does not reject. */
  async leave(): Promise<void> {
    const timer = setTimeout(() => this.cut(), FAREWELL_MS);
    await this.session.end().catch(() => undefined);
    clearTimeout(timer);
    this.cut();
  }
}
