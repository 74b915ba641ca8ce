import {expect} from 'chai';
import {containerExperiment, runForReal} from '../support/docker-run.js';
import {docker, removeAll, runContainer, uniqueName} from '../support/docker.js';
import {describeWith} from '../support/needs.js';

describeWith('docker', 'What becomes of a container that was ended', () => {
  const label = uniqueName('victim');
  afterEach(() => removeAll(label));

  const start = () =>
    runContainer({
      name: `${label}-x`,
      labels: {'dev.firedrill.run': label},
      command: ['sleep', '600'],
      args: ['--network', 'none', '--stop-signal', 'KILL'],
    });
  const run = (fault: string) => {
    const windows = 'windows: {warmup: 0s, baseline: 5s, recovery: 40s}';
    const yaml = containerExperiment(label, `{name: end, ${fault}, targets: [all], for: 4s}`);
    return runForReal(yaml.replace(/windows: .*/, windows).replace('every: 100ms', 'every: 500ms'), undefined, {
      measured: true,
    });
  };
  const isRunning = async (name: string) => (await docker('inspect', '-f', '{{.State.Running}}', name)).trim();

  for (const fault of ['kill: {}', 'stop: {grace: 1s}'])
    it(`is brought back by the command of the file after ${fault}`, async () => {
      const {name} = await start();
      const heal = {
        run: 'docker start "$FIREDRILL_TARGET_ID"',
        proof: 'docker inspect -f "{{.State.Running}}" "$FIREDRILL_TARGET_NAME" | grep -q true',
        shell: true,
      };
      const {outcome, result} = await run(`${fault}, heal: ${JSON.stringify(heal)}`);
      expect(outcome).to.deep.include({owed: []});
      expect(result, result.headline).to.include({exit: 0, verdict: 'held'});
      expect(await isRunning(name)).to.equal('true');
    }).timeout(120_000);

  it('stays dead where the file says so, and that is no left-over', async () => {
    const {name} = await start();
    const {events, result} = await run('kill: {}, heal: leave');
    expect(result, result.headline).to.include({exit: 0, putBack: `As the file says, ${name} stays down.`});
    expect(await isRunning(name)).to.equal('false');
    expect(events.filter(({type}) => type === 'debts.owed')).to.deep.equal([]);
    expect(result.findings.filter(({code}) => code === 'collateral' || code === 'left-over')).to.deep.equal([]);
  }).timeout(120_000);
});
