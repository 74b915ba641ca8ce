import type {Reason} from '../../missing.js';
import {codeOf, failureOf, reasonOf} from '../../network/failure.js';
import {AnotherRole} from '../../network/servers.js';

/** Of PostgreSQL: `57P01` and the like. */
const SHUTS_DOWN = /^57P0\d$/;

/** Codes of both servers are words like these; what else one says is no code. */
const CODE = /^\w{1,60}$/;

/** Whether the server itself answered so, and goes on. */
export function isRefusal(error: unknown): boolean {
  return failureOf(error) === 'other' && !SHUTS_DOWN.test(codeOf(error));
}

/** How a question to a database failed: what the server said by its code, or what the network did. */
export function sqlReason(error: unknown): Reason {
  if (error instanceof AnotherRole) return 'role';
  if (failureOf(error) !== 'other' || !(error instanceof Error)) return reasonOf(error);
  const code = codeOf(error);
  return CODE.test(code) ? `database-${code}` : 'database';
}
