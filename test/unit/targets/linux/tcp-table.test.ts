import {expect} from 'chai';
import {tcpTableFrom} from '../../../../src/targets/linux/tcp-table.js';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (from: string, to: string, state: string, inode: number) =>
  `   0: ${from} ${to} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

describe('the table of TCP connections', () => {
  it('reads addresses of both families, ports that are listened on, and connections with the inode of their socket', () => {
    const {listening, connections} = tcpTableFrom(
      [
        HEAD,
        row('00000000:1538', '00000000:0000', '0A', 7),
        row('020011AC:1538', '030011AC:9C40', '01', 8),
        HEAD,
        row('0000000000000000FFFF0000020011AC:9C41', '0000000000000000FFFF0000030011AC:0050', '06', 0),
        row('000080FE00000000FF010002FEFF0000:9C42', 'B80D0120000000000000000001000000:01BB', '02', 9),
      ].join('\n'),
    );
    expect([...listening]).to.deep.equal([[5432, 7]]);
    expect(connections.map(({local, remote, inode}) => [local, remote.address, remote.port, inode])).to.deep.equal([
      [{address: '172.17.0.2', port: 5432}, '172.17.0.3', 40000, 8],
      [{address: '172.17.0.2', port: 40001}, '172.17.0.3', 80, 0],
      [{address: 'fe80::200:1ff:0:fffe', port: 40002}, '2001:db8::1', 443, 9],
    ]);
  });

  it('leaves out what is cut off, closed or no table at all', () => {
    const cut = row('020011AC:1538', '030011AC:9C40', '01', 8).slice(0, 30);
    const closed = row('020011AC:1538', '030011AC:9C40', '07', 8);
    expect(tcpTableFrom(`${HEAD}\n${cut}\n${closed}\nhello: world\n\n`).connections).to.deep.equal([]);
  });
});
