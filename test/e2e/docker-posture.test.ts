import {expect} from 'chai';
import {runForReal} from '../support/docker-run.js';
import {docker, importBusybox, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

describeWith('docker', 'How a container is set up, told where it bears on the result', () => {
  const prefix = uniqueName('posture');
  const tag = `${prefix}-image`;

  before(async () => {
    await docker('tag', await importBusybox(), `${tag}:latest`);
  });
  afterEach(() => removeAll(prefix));
  after(() => docker('rmi', `${tag}:latest`));

  /** A web server; the arguments say how it is set up. */
  async function serve(name: string, ...args: readonly string[]): Promise<string> {
    const command = ['httpd', '-f', '-p', '80', '-h', '/tmp'];
    const container = await runContainer({name: `${prefix}-${name}`, image: `${tag}:latest`, command, args});
    return await container.ip();
  }

  const experiment = (name: string, ip: string, fault: string) => `version: 1
title: a web server
targets: {web: {docker: {name: ${prefix}-${name}}}}
steadyState:
  answers: {tcp: {address: "${ip}:80", timeout: 500ms, every: 250ms}, tolerance: {atLeast: 1}}
windows: {warmup: 0s, baseline: 2s, recovery: 8s}
safety: {maxTargets: 1, maxShare: 100%}
faults: [${fault}]
`;
  const codesOf = async (yaml: string) => {
    const {result} = await runForReal(yaml, undefined, {measured: true});
    return result.findings;
  };

  it('names the restart policy, the health check and the image tag that are missing', async () => {
    const ip = await serve('bare');
    const findings = await codesOf(experiment('bare', ip, '{name: crash, kill: {}, targets: [web], for: 3s}'));
    const restart = findings.find(({code}) => code === 'no-restart-policy');
    expect(restart?.what, JSON.stringify(findings)).to.match(/was started again after .*, by the undo of Firedrill/);
    expect(restart?.evidence).to.deep.equal([{label: `${prefix}-bare`, value: 'restart policy: no'}]);
    expect(findings.map(({code}) => code)).to.include('moving-image-tag');
    const slow = '{name: cut, network-disconnect: {}, targets: [web], for: 3s}';
    const others = (await codesOf(experiment('bare', ip, slow))).map(({code}) => code);
    expect(others).to.include.members(['no-health-check', 'single-instance']);
    expect(others).not.to.include('no-restart-policy');
  }).timeout(120_000);

  it('says nothing of a container that has them', async () => {
    const ip = await serve('well', '--restart', 'always', '--health-cmd', 'true');
    const findings = await codesOf(experiment('well', ip, '{name: crash, kill: {}, targets: [web], for: 3s}'));
    expect(findings.map(({code}) => code)).not.to.include.members(['no-restart-policy']);
    expect(findings.map(({code}) => code)).not.to.include.members(['no-health-check']);
  }).timeout(60_000);
});
