import type {CookieJar} from '../../src/signals/http/cookies.js';
import type {HttpClient} from '../../src/signals/http/client.js';
import type {RequestParts} from '../../src/signals/load/requests.js';
import type {LoadUser} from '../../src/signals/load/user.js';

/** Somebody who takes the steps of a scenario. */
export const loadUser = (more: Partial<LoadUser> = {}): LoadUser => ({
  number: 1,
  jar: undefined,
  row: [],
  carried: new Map(),
  written: undefined,
  ...more,
});

export const userWith = (jar: CookieJar | undefined) => loadUser({jar});

/** What requests without secrets and placeholders are made with. */
export const plainParts = (client: HttpClient): RequestParts => ({
  client,
  reveal: text => text,
  values: {draw: () => 0, columns: []},
  uses: new Map(),
  timeoutMs: 10_000,
});
