import type {Socket} from 'node:net';
import type {CertificateCheck} from '../../network/certificates.js';
import type {DatabaseAddress} from './address.js';

/**
 * What a session is opened with: how it is encrypted (undefined: not), and how long the server may work on one
 * statement.
 */
export interface SqlSessionOptions {
  readonly address: DatabaseAddress;
  /** Connected; whoever made it cuts it. */
  readonly socket: Socket;
  readonly tls: CertificateCheck | undefined;
  readonly statementTimeoutMs: number;
}

export interface SqlAnswer {
  /** The first column of the first row as the server writes it; null for NULL, undefined when there is no row. */
  readonly first: string | null | undefined;
  /** Of the statement alone. */
  readonly ms: number;
}

/** One connection to one database, over which one statement after the other is asked. */
export interface SqlSession {
  /** Asks in a read-only transaction that is rolled back. Rejects with the library's error. */
  ask(statement: string): Promise<SqlAnswer>;
  /** The server has closed it, or it broke. */
  readonly lost: boolean;
  /** Says good-bye to the server. */
  end(): Promise<void>;
}
