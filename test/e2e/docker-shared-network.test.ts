import {execFileSync} from 'node:child_process';
import {expect} from 'chai';
import type {AnyFault} from '../../src/faults/contract.js';
import {fault as dnsFailure} from '../../src/faults/dns-failure/index.js';
import {fault as httpStatus} from '../../src/faults/http-status/index.js';
import {fault as bandwidth} from '../../src/faults/network-bandwidth/index.js';
import {fault as disconnect} from '../../src/faults/network-disconnect/index.js';
import {fault as partition} from '../../src/faults/network-partition/index.js';
import type {JsonObject} from '../../src/quantities/json.js';
import {DockerBench} from '../support/docker-bench.js';
import {runForReal} from '../support/docker-run.js';
import {
  docker,
  importBusybox,
  removeAll,
  runContainer,
  TEST_LABEL,
  uniqueName,
  type RunningContainer,
} from '../support/docker.js';
import {describeWith} from '../support/needs.js';
import {refusal} from '../support/refusal.js';
import {until} from '../support/processes.js';

/** One fault of each of the drafts that act in a network namespace. */
const FAULTS: readonly (readonly [AnyFault, JsonObject])[] = [
  [httpStatus, {status: 503, port: 8080}],
  [dnsFailure, {answer: 'nxdomain'}],
  [bandwidth, {rate: '1MB/s'}],
  [partition, {}],
  [disconnect, {}],
];

describeWith('docker', 'Faults on a network that containers share', () => {
  const prefix = `fd-share-${process.pid}-`;
  let bench: DockerBench;
  let owner: RunningContainer;
  const started: RunningContainer[] = [];

  const beside = async (...args: string[]) => {
    const container = await runContainer({
      name: uniqueName('share'),
      command: ['sh', '-c', 'while :; do nc -l -p 9090 -e true; done'],
      args: ['--network', `container:${owner.name}`, ...args],
    });
    started.push(container);
    return container;
  };
  /** Ports of a shared network are seen once somebody listens there. */
  const isListening = () =>
    until('the other one listens', async () =>
      (await docker('exec', owner.id, 'cat', '/proc/net/tcp', '/proc/net/tcp6')).includes(':2382 '),
    );

  before(async () => {
    owner = await runContainer({name: uniqueName('share'), command: ['sleep', '900']});
    started.push(owner);
  });
  after(async () => {
    await Promise.all([...started].reverse().map(container => container.remove()));
    await removeAll(prefix);
  });
  beforeEach(() => {
    bench = new DockerBench();
  });
  afterEach(() => bench.close());

  it('name whoever else they hit, with the port that it listens on, and count it', async () => {
    const sidecar = await beside();
    await isListening();
    for (const [fault, given] of FAULTS) {
      for (const change of await bench.draft(fault, {name: owner.name}, given)) {
        expect(change.summary, fault.name).to.include(`${sidecar.name} (port 9090)`);
        expect(
          change.reaches?.map(({ref}) => ref.object),
          fault.name,
        ).to.deep.equal([sidecar.id]);
        expect(change.target.object, fault.name).to.equal(owner.id);
      }
    }
    await sidecar.remove();
  });

  it('are refused on the one that only shares it', async () => {
    const sidecar = await beside();
    for (const [fault, given] of FAULTS) {
      const refused = await refusal(bench.draft(fault, {name: sidecar.name}, given));
      expect([refused.code, refused.message], fault.name).to.deep.equal([
        'TARGET_UNSUITABLE',
        `container \`${sidecar.name}\` shares the network of another container (\`container:${owner.id}\`)`,
      ]);
    }
    await sidecar.remove();
  });

  it('are refused where somebody there is protected', async () => {
    const sidecar = await beside('--label', 'firedrill.protect=true');
    for (const [fault, given] of FAULTS) {
      const refused = await refusal(bench.draft(fault, {name: owner.name}, given));
      expect([refused.code, refused.message], fault.name).to.deep.equal([
        'TARGET_PROTECTED',
        `container \`${owner.name}\` shares its network with \`${sidecar.name}\`, which this would hit too and which is protected: label firedrill.protect=true`,
      ]);
    }
    await sidecar.remove();
  });

  const experiment = (safety: string) => `
version: 1
title: shared
targets: { owner: { docker: ${owner.name} } }
steadyState: { answer: { command: { run: [echo, "1"], every: 100ms }, tolerance: { equals: 1 } } }
windows: { warmup: 0s, baseline: 500ms, recovery: 6s }
faults: [ { name: cut, network-partition: {}, targets: [owner], for: 1s } ]
${safety}`;

  it('are planned, counted and recorded with all whom they hit', async () => {
    const sidecar = await beside();
    const tooMany = await refusal(runForReal(experiment('safety: { maxTargets: 1 }')));
    expect(tooMany.message).to.include(`got 2: \`${owner.name}\`, \`${sidecar.name}\``);
    const {events, result} = await runForReal(experiment(''));
    const resolved = events.flatMap(event => (event.type === 'targets.resolved' ? event.hit : []));
    expect(resolved.map(({name}) => name)).to.have.members([owner.name, sidecar.name]);
    expect(result.occurrences[0]?.inForce).to.equal('yes');
    expect(result.occurrences[0]?.targets).to.have.members([owner.name, sidecar.name]);
    await sidecar.remove();
  });

  it('do not hit somebody who came after the plan', async () => {
    const image = await importBusybox();
    const late = uniqueName('share');
    const network = ['--network', `container:${owner.name}`, '--label', `${TEST_LABEL}=${process.pid}`];
    const {outcome, events} = await runForReal(experiment(''), event => {
      if (event.type !== 'run.started') return;
      execFileSync('docker', ['run', '-d', '--name', late, ...network, image, 'sleep', '900']);
    });
    expect(outcome.owed).to.deep.equal([]);
    expect(outcome.ended.detail).to.include(`would now hit \`${late}\` too, which the plan has not seen`);
    expect(events.some(({type}) => type === 'change.confirmed')).to.equal(false);
    await docker('rm', '-f', late);
  });
});
