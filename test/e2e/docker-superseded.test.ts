import {expect} from 'chai';
import {containerExperiment, runForReal} from '../support/docker-run.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

/** By fault: the container's own limit, what the fault sets, what somebody sets meanwhile. */
const LIMITS = {
  'memory-limit: {limit: 32MiB}': {
    own: ['-m', '64m', '--memory-swap', '128m'],
    theirs: ['--memory', '48m', '--memory-swap', '96m'],
    facet: 'memory',
  },
  'cpu-throttle: {cpus: 0.5}': {own: ['--cpus', '1'], theirs: ['--cpus', '0.8'], facet: 'cpu'},
  'pids-limit: {limit: 50}': {own: ['--pids-limit', '100'], theirs: ['--pids-limit', '70'], facet: 'pids'},
} as const;

describeWith('docker', 'What somebody else changes on a container in mid-fault', () => {
  const label = uniqueName('superseded');
  afterEach(() => removeAll(label));

  const start = (args: readonly string[]) =>
    runContainer({
      name: `${label}-x`,
      labels: {'dev.firedrill.run': label},
      command: ['sleep', '600'],
      args: ['--network', 'none', '--stop-signal', 'KILL', ...args],
    });

  /** With times that are long enough to be judged, also where a program starts slowly. */
  const experiment = (fault: string) =>
    containerExperiment(label, fault).replace(/windows: .*/, 'windows: {warmup: 0s, baseline: 3s, recovery: 8s}');

  for (const [fault, {own, theirs, facet}] of Object.entries(LIMITS)) {
    it(`is left in place and told as a finding, never as something broken: ${fault}`, async () => {
      const {name} = await start(own);
      let updated: Promise<string> | undefined;
      const yaml = experiment(`{name: tight, ${fault}, targets: [all], for: 6s}`);
      const {outcome, result, events} = await runForReal(
        yaml,
        event => {
          if (event.type === 'change.confirmed') updated = docker('update', ...theirs, name);
        },
        {measured: true},
      );
      await updated;
      expect(outcome).to.deep.include({owed: []});
      const leaks = events.find(event => event.type === 'leaks.checked');
      expect(leaks).to.deep.include({touched: []});
      expect(leaks?.type === 'leaks.checked' && leaks.left?.map(difference => difference.facet)).to.deep.equal([facet]);
      // Its proof was lost with its value: that is what the verdict says, and nothing is broken.
      expect(result).to.include({exit: 5, verdict: 'inconclusive'});
      expect(result.putBack).to.equal(`What someone else changed on ${name} meanwhile was left in place.`);
      expect(result.findings.find(({code}) => code === 'superseded')).to.include({severity: 'SEV4'});
      expect(result.findings.filter(({code}) => code === 'left-over')).to.deep.equal([]);
    }).timeout(120_000);
  }

  it('judges the kill of a container that nothing brings back, where the file allows it', async () => {
    const {name} = await start(['--rm']);
    const yaml = experiment('{name: end, kill: {}, targets: [all], for: 5s}').replace(
      'safety: {',
      'safety: {irreversible: allow, ',
    );
    const {outcome, result} = await runForReal(yaml, undefined, {measured: true});
    expect(outcome).to.deep.include({owed: []});
    expect(result, result.headline).to.include({
      exit: 0,
      verdict: 'held',
      putBack: `What was done to ${name} cannot be put back.`,
    });
    expect(result.recovery.state).to.equal('recovered');
    expect(result.findings.filter(({code}) => code === 'collateral' || code === 'left-over')).to.deep.equal([]);
  }).timeout(120_000);

  it('owes nothing for a signal that the target only handles', async () => {
    await start([]);
    const fault = '{name: reload, kill: {signal: HUP, undo: {nothing: it only reloads}}, targets: [all], for: 5s}';
    const {events, result} = await runForReal(experiment(fault), undefined, {measured: true});
    expect(events.filter(event => event.type === 'debts.owed')).to.deep.equal([]);
    expect(result, result.headline).to.include({exit: 0, verdict: 'held', putBack: 'There was nothing to put back.'});
  }).timeout(120_000);
});
