import {expect} from 'chai';
import fc from 'fast-check';
import * as z from 'zod';
import type {JsonObject} from '../../../src/quantities/json.js';
import {debtFrom, isRunId, readMarks, type MarkRules} from '../../../src/targets/debt.js';
import {debt, RUN} from '../../support/records.js';

const nothing = () => z.strictObject({});
const RULES: MarkRules = {
  driver: 'docker',
  version: 1,
  endpoint: 'engine-1',
  undos: {'container.unpause': {args: nothing, proofs: {'container.paused': nothing}}},
};

const OWED = debt();
const {ref} = OWED.undo;

/** What is read of a mark on the container of `OWED` that holds these. */
const read = (...debts: readonly unknown[]) =>
  readMarks([{where: 'mark m', run: RUN, debts, isOn: ({undo}) => undo.ref.object === ref.object}], RULES);

const withUndo = (undo: object): object => ({...OWED, undo: {...OWED.undo, ...undo}});

describe('What a mark may say', () => {
  it('is an undo of the driver and endpoint that it was read from, on the object that carries it', () => {
    expect(read(OWED)).to.deep.equal({debts: [OWED], unreadable: []});
  });

  const other = {...ref, object: 'c2'};
  const elsewhere = {...ref, endpoint: 'engine-2'};
  const process = {...ref, driver: 'process'};
  for (const [title, value, why] of [
    ['another driver', {...OWED, driver: 'command@1'}, 'command@1'],
    ['another version of the driver', {...OWED, driver: 'docker@2'}, 'docker@2'],
    ['an operation that undoes nothing', withUndo({op: 'container.kill'}), 'container.kill'],
    ['an operation with the name of a property of every object', withUndo({op: 'constructor'}), 'constructor'],
    ['another version of the operation', withUndo({v: 2}), 'version 2'],
    ['arguments that are not its own', withUndo({args: {signal: 'KILL'}}), 'arguments'],
    ['another proof', withUndo({proof: {...OWED.undo.proof, op: 'command.owed'}}), 'command.owed'],
    ['arguments of the proof that are not its own', withUndo({proof: {...OWED.undo.proof, args: {x: 1}}}), 'arguments'],
    ['a proof about another target', withUndo({proof: {...OWED.undo.proof, ref: other}}), 'another target'],
    ['another endpoint', withUndo({ref: elsewhere, proof: {...OWED.undo.proof, ref: elsewhere}}), 'engine-2'],
    ['a target of another driver', withUndo({ref: process, proof: {...OWED.undo.proof, ref: process}}), 'process'],
    ['an object that does not carry it', withUndo({ref: other, proof: {...OWED.undo.proof, ref: other}}), 'c2'],
    ['another run than the mark', {...OWED, run: 'run-2'}, 'run-2'],
    ['a run that is a path', {...OWED, run: '../../x'}, 'the name of a run'],
  ] as const) {
    it(`is not ${title}: that is told, and the next debt is read all the same`, () => {
      const {debts, unreadable} = read(value, OWED);
      expect(debts).to.deep.equal([OWED]);
      expect(unreadable).to.have.length(1);
      expect(unreadable[0]).to.include({where: 'mark m', run: RUN});
      expect(unreadable[0]!.why).to.contain(why);
    });
  }

  it('makes nobody wait for longer than ten minutes', () => {
    expect(read(withUndo({inFlightMs: 1e15})).debts[0]?.undo.inFlightMs).to.equal(600_000);
  });

  it('is unreadable, never nothing, where the mark holds no debt', () => {
    expect(read().unreadable).to.have.length(1);
  });
});

describe('A debt', () => {
  const JUNK: readonly unknown[] = [undefined, null, {}, [], 0, -1, 'x', true, Number.NaN, {length: 1}];
  const paths = [
    ['id'],
    ['run'],
    ['occurrence'],
    ['epoch'],
    ['driver'],
    ['address'],
    ['undo'],
    ['undo', 'op'],
    ['undo', 'v'],
    ['undo', 'ref'],
    ['undo', 'ref', 'object'],
    ['undo', 'args'],
    ['undo', 'lifetime'],
    ['undo', 'proof'],
    ['undo', 'manual'],
    ['lease'],
    ['lease', 'hardStop'],
    ['lease', 'hardStop', 'wall'],
  ] as const;

  const put = (at: JsonObject, [key, ...rest]: readonly string[], value: unknown): JsonObject => ({
    ...at,
    [key!]: (rest.length === 0 ? value : put(at[key!] as JsonObject, rest, value)) as JsonObject,
  });

  it('is not made of `{}`, `null`, lists and texts', () => {
    for (const value of JUNK) expect(debtFrom(value)).to.be.a('string');
  });

  it('is a debt whose every field can be used, or none', () => {
    const whole = OWED as unknown as JsonObject;
    for (const path of paths)
      for (const junk of JUNK) {
        const debt = debtFrom(put(whole, path, junk));
        // What passes has the type that its reader expects.
        const kept = typeof debt === 'string' ? OWED : debt;
        expect([
          typeof kept.id,
          typeof kept.run,
          typeof kept.undo.op,
          typeof kept.undo.ref.object,
          typeof kept.lease.hardStop.wall,
          typeof kept.undo.manual,
        ]).to.deep.equal(Array(6).fill('string'));
      }
  });

  it('is read from whatever JSON there is without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        readMarks([{where: 'm', run: value, debts: [value, OWED], isOn: () => true}], RULES);
      }),
    );
  });

  it('keeps what a newer version wrote beside it', () => {
    expect(debtFrom({...OWED, later: 1})).to.deep.equal({...OWED, later: 1});
  });
});

describe('The name of a run', () => {
  it('is made of letters, digits and three signs, and begins with no sign', () => {
    for (const name of ['20260131-235959-x7k2', 'run-1', 'a', 'A.b_c-d']) expect(isRunId(name), name).to.equal(true);
    for (const name of ['', '.', '..', '../x', 'a/b', '/x', '-x', '.x', 'a b', 'a\n', 'é', 'x'.repeat(101)])
      expect(isRunId(name), JSON.stringify(name)).to.equal(false);
  });
});
