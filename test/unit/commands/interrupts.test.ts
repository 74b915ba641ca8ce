import {expect} from 'chai';
import {EventEmitter} from 'node:events';
import {listenForSignals, type SignalSource} from '../../../src/commands/run/interrupts.js';
import {StopSwitch} from '../../../src/run/stop-switch.js';

describe('interrupts', () => {
  it('pulls the switch at the first signal and hands over at every further one', () => {
    const source = new EventEmitter();
    const stop = new StopSwitch();
    const handed: number[] = [];
    const listening = listenForSignals(source as unknown as SignalSource, stop, signal => void handed.push(signal));
    source.emit('SIGTERM');
    expect(stop.why()).to.deep.equal({kind: 'signal', detail: 'SIGTERM', signal: 15});
    expect(handed).to.deep.equal([]);
    source.emit('SIGINT');
    source.emit('SIGHUP');
    expect(handed).to.deep.equal([2, 1]);
    listening[Symbol.dispose]();
    expect(source.eventNames()).to.deep.equal([]);
  });

  it('takes the repetition of a hang-up for the same one', () => {
    const source = new EventEmitter();
    const stop = new StopSwitch();
    const handed: number[] = [];
    using _listening = listenForSignals(source as unknown as SignalSource, stop, signal => void handed.push(signal));
    source.emit('SIGHUP');
    source.emit('SIGHUP');
    expect(handed).to.deep.equal([]);
    expect(stop.why()).to.deep.equal({kind: 'signal', detail: 'SIGHUP', signal: 1});
    source.emit('SIGINT');
    expect(handed).to.deep.equal([2]);
  });
});
