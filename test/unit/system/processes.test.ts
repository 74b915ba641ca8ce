import {expect} from 'chai';
import fc from 'fast-check';
import type {Processes} from '../../../src/ports.js';
import {listeningInodes, parseStat, systemProcesses} from '../../../src/system/processes.js';

function line(comm: string, state = 'S'): string {
  const rest = Array.from({length: 44}, (_, i) => (i === 15 ? '98765' : i === 2 ? '4194304' : '0'));
  return `4242 (${comm}) ${state} 17 4242 4242 ${rest.join(' ')}\n`;
}

describe('Processes of the system', () => {
  it('fits the port of the run', () => {
    const port: Processes = systemProcesses();
    expect(port.self()).to.include({pid: process.pid});
  });

  it('reads pid, state, parent and start time', () => {
    expect(parseStat(line('node'))).to.deep.equal({
      pid: 4242,
      comm: 'node',
      state: 'S',
      parent: 17,
      startTicks: '98765',
      kernel: false,
    });
  });

  it('is not misled by parentheses, blanks and line breaks in the name', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 15}), fc.constantFrom('R', 'S', 'T', 'Z'), (comm, state) => {
        const stat = parseStat(line(comm, state));
        expect([stat?.comm, stat?.state, stat?.startTicks]).to.deep.equal([comm, state, '98765']);
      }),
    );
    expect(parseStat(line(') Z 1 ('))?.state).to.equal('S');
  });

  it('answers nothing for a line that is not one', () => {
    for (const text of ['', '1', 'x (y) S 1', '1 (a', '1 (a) S 0 0']) expect(parseStat(text), text).to.equal(undefined);
  });

  it('finds the listening sockets of a port, and not its connections', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 x',
      '   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 222 1 x',
      '   2: 00000000000000000000000001000000:1F90 0:0 0A 00000000:00000000 00:00000000 00000000  0  0 333 1 x',
      '   3: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 x',
    ].join('\n');
    expect(listeningInodes(table, 8080)).to.deep.equal(['111', '333']);
    expect(listeningInodes(table, 80)).to.deep.equal([]);
  });
});
