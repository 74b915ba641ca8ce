import {expect} from 'chai';
import type {Redirect} from '../../../src/interposer/mode.js';
import {redirectRules} from '../../../src/interposer/rules.js';

const ruling = (...redirects: readonly Redirect[]) => ({
  tag: '0123456789ab',
  run: 'r "1"; x',
  gid: 7,
  zone: 5,
  redirects,
});
const received: Redirect = {hook: 'input', protocol: 'tcp', port: 80, to: 999, existing: 'reset'};

describe('rules of an interposer', () => {
  it('redirect new connections only, and reset those from before unless they are our own', () => {
    expect(redirectRules('iptables', ruling(received))).to.equal(
      [
        '*nat',
        ':firedrill-0123456789ab-in - [0:0]',
        '-A firedrill-0123456789ab-in -p tcp --dport 80 --syn -m comment --comment "firedrill run r _1__ x" -j REDIRECT --to-ports 999',
        '-I PREROUTING 1 -m comment --comment "firedrill run r _1__ x" -j firedrill-0123456789ab-in',
        'COMMIT',
        '*filter',
        ':firedrill-0123456789ab-in - [0:0]',
        '-A firedrill-0123456789ab-in -i lo -j RETURN',
        '-A firedrill-0123456789ab-in -p tcp --dport 80 ! --syn -m comment --comment "firedrill run r _1__ x" -j REJECT --reject-with tcp-reset',
        '-I INPUT 1 -m comment --comment "firedrill run r _1__ x" -j firedrill-0123456789ab-in',
        'COMMIT',
        '',
      ].join('\n'),
    );
    expect(redirectRules('iptables', ruling({...received, existing: 'leave'}))).not.to.include('*filter');
  });

  it('let our own packets out, and keep each address to its family', () => {
    const sent: Redirect = {hook: 'output', protocol: 'udp', port: 53, address: '10.0.0.1', to: 5, existing: 'leave'};
    const six = {...sent, address: 'fd00::1', to: 6};
    const four = redirectRules('iptables', ruling(sent, six));
    expect(four).to.include('-A firedrill-0123456789ab-out -m owner --gid-owner 7 -j RETURN\n');
    expect(four).to.include('-d 10.0.0.1 -p udp --dport 53 -m comment').and.not.to.include('fd00::1');
    expect(redirectRules('ip6tables', ruling(six)))
      .to.include('-d fd00::1')
      .and.not.to.include('--syn');
    expect(redirectRules('ip6tables', ruling(sent))).to.equal(undefined);
  });
});
