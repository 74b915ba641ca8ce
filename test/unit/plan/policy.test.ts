import {readFileSync} from 'node:fs';
import {expect} from 'chai';
import {parsePolicy, type Policy} from '../../../src/experiment/policy.js';
import {checkPolicy, loadReasons, strictest, type PolicyRequest} from '../../../src/plan/policy.js';

function policyOf(text: string): Policy {
  const parsed = parsePolicy({file: 'policy.yaml', content: text});
  expect(parsed.problems).to.deep.equal([]);
  return parsed.policy!;
}

const SAFETY = {maxTargets: 3, maxShare: 0.5, irreversible: 'refuse'} as const;

/** Monday 2026-11-23, noon UTC. */
function reasons(text: string, request: Partial<PolicyRequest> = {}): readonly string[] {
  const all = {targets: [], safety: SAFETY, now: '2026-11-23T12:00:00Z', lastsMs: 60_000, ...request};
  return checkPolicy(policyOf(`version: 1\n${text}`), all);
}

const docker = (host: string) => ({targets: [{name: 'db', driver: 'docker', address: {host}}]});
const kubernetes = (context: string, namespace: string) => ({
  targets: [{name: 'pods', driver: 'kubernetes', address: {context, namespace}}],
});

describe('policy', () => {
  it('without limits allows everything', () => {
    expect(reasons('', docker('tcp://10.0.0.1:2376'))).to.deep.equal([]);
  });

  it('allows the Docker endpoints it lists and no others', () => {
    const text = 'docker: { endpoints: ["unix:///var/run/docker.sock", "tcp://10.0.*:2376"] }';
    expect(reasons(text, docker('unix:///var/run/docker.sock'))).to.deep.equal([]);
    expect(reasons(text, docker('tcp://10.0.7.1:2376/'))).to.deep.equal([]);
    expect(reasons(text, docker('tcp://10.1.7.1:2376'))[0]).to.include(
      'target `db` is at `tcp://10.1.7.1:2376` (policy.yaml)',
    );
  });

  it('allows the contexts and namespaces it lists and no others', () => {
    const text = 'kubernetes: { contexts: [kind-*], namespaces: [shop] }';
    expect(reasons(text, kubernetes('kind-dev', 'shop'))).to.deep.equal([]);
    expect(reasons(text, kubernetes('prod', 'kube-system'))).to.have.length(2);
    expect(reasons(text, {targets: [{name: 'p', driver: 'process', address: {}}]})).to.deep.equal([]);
  });

  it('lets loads go to hosts that its list names, whatever the command line says; without a list the command line decides', () => {
    const foreign = [
      {load: 'visit', host: 'shop.staging.example', written: 'https://shop.staging.example'},
      {load: 'buy', host: '10.9.8.7', written: 'http://${secret:env:SHOP}:81'},
    ];
    const listed = policyOf('version: 1\nload: { hosts: ["*.STAGING.example"] }');
    const [only, ...others] = loadReasons([listed, policyOf('version: 1')], ['10.9.8.7'], foreign);
    expect(others).to.deep.equal([]);
    expect(only)
      .to.include('that the policy names; `buy` goes to `http://${secret:env:SHOP}:81` (policy.yaml)')
      .and.not.include('10.9');
    expect(loadReasons([], [], foreign)).to.have.length(2);
    expect(loadReasons([], ['10.9.8.*', 'shop.staging.example'], foreign)).to.deep.equal([]);
  });

  it('matches a star against anything and everything else literally', () => {
    const matched = (pattern: string, context: string) =>
      reasons(`kubernetes: { contexts: ["${pattern}"] }`, kubernetes(context, 'x')).length === 0;
    expect([
      matched('*', 'any'),
      matched('a*a', 'aa'),
      matched('a*a', 'a'),
      matched('a*b*c', 'a-b-c'),
      matched('a*b*c', 'acb'),
    ]).to.deep.equal([true, true, false, true, false]);
    expect([matched('a.c', 'abc'), matched('(a+)+$', 'aaaa'), matched('a*b*b', 'ab')]).to.deep.equal([
      false,
      false,
      false,
    ]);
  });

  it('refuses a file that asks for more than the ceilings, and lowers what was not asked for', () => {
    expect(reasons('maxTargets: 2\nmaxShare: 25%')).to.have.length(2);
    expect(reasons('maxTargets: 3\nmaxShare: 50%')).to.deep.equal([]);
    expect(strictest(SAFETY, policyOf('version: 1\nmaxTargets: 2\n'))).to.deep.equal({...SAFETY, maxTargets: 2});
    expect(strictest(SAFETY, undefined)).to.deep.equal(SAFETY);
  });

  it('holds hours and days in its own time zone', () => {
    const berlin = 'zone: Europe/Berlin\ndays: [mon]\nhours: 09:00-13:30';
    expect(reasons(berlin)).to.deep.equal([]);
    expect(reasons(berlin, {now: '2026-11-23T12:31:00Z'})[0]).to.include('it is mon 2026-11-23T13:31 (Europe/Berlin)');
    expect(reasons(berlin, {now: '2026-11-22T12:00:00Z'})).to.have.length(1);
    // One hour earlier in UTC while summer time holds.
    expect(reasons('zone: Europe/Berlin\nhours: 09:00-10:00', {now: '2026-07-06T07:30:00Z'})).to.deep.equal([]);
  });

  it('refuses a run that could outlast the hours', () => {
    expect(reasons('hours: 09:00-12:05')).to.deep.equal([]);
    expect(reasons('hours: 09:00-12:05', {lastsMs: 600_000})[0]).to.include('may take until mon 2026-11-23T12:10');
  });

  it('takes hours over midnight as those of the day on which they start', () => {
    const night = 'days: [mon]\nhours: 22:00-04:00';
    expect(reasons(night, {now: '2026-11-23T23:00:00Z'})).to.deep.equal([]);
    expect(reasons(night, {now: '2026-11-24T03:00:00Z'})).to.deep.equal([]);
    expect(reasons(night, {now: '2026-11-23T03:00:00Z'})).to.have.length(1);
    expect(reasons(night, {now: '2026-11-24T23:00:00Z'})).to.have.length(1);
  });

  it('lets nothing run in or into a blackout', () => {
    const blackout = 'blackouts: [ { from: 2026-11-24, to: 2026-11-25T12:00, reason: peak season } ]';
    expect(reasons(blackout)).to.deep.equal([]);
    expect(reasons(blackout, {now: '2026-11-25T12:00:30Z', lastsMs: 0})[0]).to.include('peak season');
    expect(reasons(blackout, {now: '2026-11-25T12:01:00Z'})).to.deep.equal([]);
    expect(reasons(blackout, {now: '2026-11-23T23:59:30Z'})).to.have.length(1);
  });

  it('is read with all its problems at once', () => {
    const text =
      'version: 2\ndocker: { endpoint: [x] }\nmaxShare: 0.5\nzone: Mars\ndays: [monday]\nhours: 9-5\nblackouts: [ { from: 2026-12-24, to: 2026-12-20 } ]\nmaxTarget: 1\n';
    const {problems} = parsePolicy({file: 'policy.yaml', content: text});
    expect(new Set(problems.map(problem => problem.line))).to.deep.equal(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it('is documented by an example that is valid', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/policy.md', 'utf8'))?.[1] ?? '';
    expect(policyOf(example).blackouts).to.deep.equal([
      {from: '2026-11-23T00:00', to: '2026-12-01T23:59', reason: 'peak season'},
      {from: '2026-12-24T12:00', to: '2027-01-02T23:59'},
    ]);
  });
});
