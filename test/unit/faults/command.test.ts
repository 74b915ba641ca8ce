import {expect} from 'chai';
import {parameters} from '../../../src/faults/command/parameters.js';
import {fault} from '../../../src/faults/command/index.js';
import type {Change} from '../../../src/targets/contract.js';
import {formOn} from '../../support/fault-form.js';

const problems = (written: unknown) =>
  (parameters().safeParse(written).error?.issues ?? []).map(({path, message}) => `${path.join('.')}: ${message}`);

describe('Fault command', () => {
  it('gives every command the same folder, variables and time-out', () => {
    const written = {do: ['a', 'b'], undo: ['c'], proof: ['d'], cwd: '/tmp', environment: {X: '1'}, timeout: '2s'};
    const common = {shell: false, cwd: '/tmp', environment: {X: '1'}, timeoutMs: 2000};
    expect(parameters().parse(written)).to.deep.equal({
      do: {run: ['a', 'b'], ...common},
      undo: {run: ['c'], ...common},
      proof: {run: ['d'], ...common},
    });
  });

  it('has defaults for everything but `do`', () => {
    const normal = {run: ['a'], shell: false, environment: {}, timeoutMs: 30_000};
    expect(parameters().parse({do: ['a']})).to.deep.equal({do: normal});
    expect(problems({})).to.have.length(1);
  });

  it('takes a string only with `shell: true`, and then nothing else', () => {
    expect(parameters().parse({do: 'a | b', shell: true}).do)
      .to.include({shell: true})
      .and.deep.include({run: ['a | b']});
    expect(problems({do: 'a | b'})).to.deep.equal([
      'do: expected a list of arguments; got a string (add `shell: true` to run it by a shell)',
    ]);
    expect(problems({do: 'a', undo: ['b'], shell: true})).to.deep.equal([
      'undo: expected one string because `shell` is true; got a list',
    ]);
  });

  it('takes a reason in place of an undo, also with `shell: true`', () => {
    const undo = {nothing: 'it only reloads'};
    expect(parameters().parse({do: ['a'], undo}).undo).to.deep.equal(undo);
    expect(parameters().parse({do: 'a', shell: true, undo}).undo).to.deep.equal(undo);
    expect(problems({do: ['a'], undo: {nothing: ''}})).to.have.length(1);
    expect(problems({do: ['a'], undo: {noting: 'x'}})[0]).to.include('`{ nothing: REASON }`');
  });

  it('refuses an empty command and unknown parameters', () => {
    expect(problems({do: []})).to.have.length(1);
    expect(problems({do: ['a'], udno: ['b']})).to.have.length(1);
  });

  it('hands the three commands to the driver, for each target', async () => {
    const asked: unknown[] = [];
    const command = (t: {object: string}, commands: unknown): Promise<Change> => {
      asked.push([t.object, commands]);
      return Promise.resolve({} as Change);
    };
    const given = parameters().parse({do: ['a']});
    await formOn(fault, 'container').draft({
      targets: [{driver: 'docker', kind: 'container', name: 'n', endpoint: 'e', object: 'o', incarnation: '1'}],
      parameters: given,
      can: {author: {act: command, owe: () => Promise.reject(new Error('nothing is owed'))}},
      heal: 'default',
      forMs: 1000,
      named: {},
      signal: AbortSignal.timeout(1000),
    });
    expect(asked).to.deep.equal([['o', {do: given.do, undo: undefined, proof: undefined}]]);
  });
});
