import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Every test process gets a state directory of its own, so that no test sees the debts of a real run. */
const state = mkdtempSync(join(tmpdir(), 'firedrill-test-state-'));
process.env['FIREDRILL_STATE'] = state;

export const mochaHooks = {
  afterAll(): void {
    rmSync(state, {recursive: true, force: true});
  },
};
