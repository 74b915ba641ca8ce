import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

function parse(around: string, safety = '') {
  const content = `version: 1
title: Around
targets: { app: { process: { start: [sleep, "60"] } } }
variables: { table: orders }
steadyState: { fine: { command: { run: [echo, "1"] }, tolerance: { equals: 1 } } }
windows: { recovery: 1m }
faults: [ { name: freeze, pause: {}, targets: [app], for: 20s } ]
${safety}
${around}`;
  return parseExperiment({file: 'x.yaml', content, environment: {}});
}

const said = (around: string, safety?: string) =>
  parse(around, safety).problems.map(
    ({line, column, code, message, hint}) =>
      `${line}:${column} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );

describe('commands around the run', () => {
  it('are read with their limits, folders and variables', () => {
    const {experiment} = parse(`prepare:
  - name: seed the orders
    run: "psql -c 'select 1' > \${var:table}"
    undo: rm orders
    proof: test -e orders
    shell: true
    cwd: /tmp
    environment: { PGPASSWORD: "\${secret:env:PW}" }
    timeout: 5m
  - { name: warm, run: [warm, --up], undo: { nothing: it only reads } }
cleanup:
  - { name: take the dump away, run: [rm, -f, /tmp/dump], timeout: 10s }`);
    const common = {shell: true, cwd: '/tmp', environment: {PGPASSWORD: '${secret:env:PW}'}, timeoutMs: 300_000};
    const plain = {shell: false, environment: {}};
    expect(experiment?.prepare).to.deep.equal([
      {
        name: 'seed the orders',
        run: {run: ["psql -c 'select 1' > orders"], ...common},
        undo: {run: ['rm orders'], ...common},
        proof: {run: ['test -e orders'], ...common},
      },
      {name: 'warm', run: {run: ['warm', '--up'], ...plain, timeoutMs: 30_000}, undo: {nothing: 'it only reads'}},
    ]);
    expect(experiment?.cleanup).to.deep.equal([
      {name: 'take the dump away', run: {run: ['rm', '-f', '/tmp/dump'], ...plain, timeoutMs: 10_000}},
    ]);
  });

  it('leave no trace in an experiment without them', () => {
    expect(parse('').experiment).to.not.have.any.keys('prepare', 'cleanup');
  });

  it('must say how what they do is put back, or that it may stay', () => {
    const around = 'prepare: [ { name: seed, run: [seed] } ]';
    expect(said(around)).to.deep.equal([
      '9:12 MISSING expected `undo`: the command that puts it back at the end of the run; it is missing (write `undo: { nothing: REASON }` where there is nothing to put back, or allow it: `safety: { irreversible: allow }`)',
    ]);
    expect(said(around, 'safety: { irreversible: allow }')).to.deep.equal([]);
  });

  it('have names of their own, and these only once', () => {
    expect(said('cleanup: [ { name: a, run: [a] }, { name: a, run: [b] } ]')).to.deep.equal([
      '9:43 DUPLICATE_NAME expected each name once; got `a` again',
    ]);
    expect(said('cleanup: [ { run: [a] } ]')[0]).to.include('9:12 MISSING expected `name`');
  });

  it('are lists of arguments, or strings for a shell that is asked for', () => {
    expect(said('prepare: [ { name: a, run: touch x, undo: [rm, x] } ]')).to.deep.equal([
      '9:28 WRONG_VALUE expected a list of arguments; got a string (add `shell: true` to run it by a shell)',
    ]);
    expect(said('cleanup: [ { name: a, run: [rm, x], shell: true } ]')[0]).to.include(
      '9:28 WRONG_VALUE expected one string because `shell` is true; got a list',
    );
  });

  it('end within a time, and know no other keys', () => {
    expect(said('cleanup: [ { name: a, run: [a], timeout: 0s } ]')[0]).to.include('9:42 WRONG_VALUE');
    expect(said('cleanup: [ { name: a, run: [a], undo: [b] } ]')[0]).to.include('9:33 UNKNOWN_KEY');
    expect(said('prepare: [ { name: a, run: [a], undoo: [b], undo: [b] } ]')[0]).to.include('did you mean `undo`');
    expect(said('prepare: { name: a, run: [a] }')[0]).to.include('9:10 WRONG_TYPE expected a list');
  });

  it('cannot use what is known only after the run', () => {
    expect(said('cleanup: [ { name: a, run: [echo, "${load:x.sent}"] } ]')[0]).to.include('BAD_REFERENCE');
  });
});
