import {expect} from 'chai';
import {PassThrough} from 'node:stream';
import {obtainConsent} from '../../../src/commands/run/consent.js';
import {planExperiment} from '../../../src/plan/plan.js';
import {Readers} from '../../../src/targets/readers.js';
import {outputToText} from '../../../src/terminal/output.js';
import {SimMachine} from '../../simulation/sim-machine.js';
import {faultSpec, simExperiment} from '../../simulation/sim-run.js';
import {refusal} from '../../support/refusal.js';

describe('consent', () => {
  it('shows the whole of what is agreed to: nothing in it is hidden or obeyed by the terminal', async () => {
    const machine = new SimMachine();
    const ports = machine.ports('planner');
    machine.world.add('a', {cpus: 2});
    const experiment = {
      ...simExperiment([faultSpec('freeze', 'pause')]),
      title: 'ok\u001b[8m; rm -rf /\n::error::\u202e',
    };
    const signal = new AbortController().signal;
    const readers = new Readers(ports);
    const plan = await planExperiment({
      experiment,
      fileSha256: 'f',
      ports,
      readers,
      seed: 1,
      signal,
      reservedElsewhere: () => Promise.resolve(new Map()),
    });
    const output = outputToText();
    const input = Object.assign(new PassThrough(), {isTTY: true}) as unknown as NodeJS.ReadStream;
    const asking = {input, error: new PassThrough() as unknown as NodeJS.WriteStream, output, signal};
    input.push('n\n');
    const refused = await refusal(
      obtainConsent({...plan, needsConsent: true}, {yes: false, approved: undefined}, asking),
    );
    expect(refused.code).to.equal('CONSENT_MISSING');
    expect(output.text()).to.include('ok␛[8m; rm -rf /␊::error::�\n').and.to.include('Digest ');
  });
});
