import {expect} from 'chai';
import type {ContainerView} from '../../../../../src/targets/drivers/docker/engine/container.js';
import {viewOf} from '../../../../../src/targets/drivers/docker/engine/container.js';
import {filtersOf, matches, protection} from '../../../../../src/targets/drivers/docker/select.js';
import {selector} from '../../../../../src/targets/drivers/docker/selector.js';

const problemsOf = (value: unknown) => {
  const answer = selector().safeParse(value);
  return answer.success ? '' : JSON.stringify(answer.error.issues);
};

function container(name: string, labels: Readonly<Record<string, string>> = {}): ContainerView {
  return viewOf({
    Id: 'a'.repeat(64),
    Name: `/${name}`,
    Config: {Image: 'busybox', Labels: labels},
    State: {Status: 'running', Running: true, Paused: false, Restarting: false, Pid: 1, ExitCode: 0, StartedAt: 'now'},
    HostConfig: {},
    NetworkSettings: {},
  });
}

describe('Docker selector', () => {
  it('takes a container name as it stands and normalises it', () => {
    expect(selector().parse('shop-inventory-1')).to.deep.equal({name: 'shop-inventory-1'});
  });

  it('takes the long form unchanged', () => {
    const long = {
      labels: {app: 'shop'},
      project: 'shop',
      network: 'front',
      host: 'tcp://10.0.0.1:2376',
      tls: {ca: 'ca.pem'},
    };
    expect(selector().parse(long)).to.deep.equal(long);
  });

  it('refuses a selector that would match every container', () => {
    expect(problemsOf({})).to.include('at least one of');
    expect(problemsOf({host: 'unix:///var/run/docker.sock', all: true})).to.include('at least one of');
  });

  it('refuses unknown keys, ssh endpoints, two endpoints and patterns that do not compile', () => {
    expect(problemsOf({nmae: 'x'})).to.include('nmae');
    expect(problemsOf({name: 'x', host: 'ssh://a@b'})).to.include('ssh -L');
    expect(problemsOf({name: 'x', host: 'unix:///s', context: 'c'})).to.include('got both');
    expect(problemsOf({namePattern: 'shop-['})).to.include('regular expression');
    expect(problemsOf({labels: {app: true}})).to.include('quote');
  });

  it('pushes every criterion to the engine, the name anchored and escaped', () => {
    const chosen = {name: 'a.b', labels: {app: 'shop'}, project: 'p', service: 's', image: 'i', network: 'n'};
    expect(filtersOf(chosen)).to.deep.equal({
      name: ['^/?a\\.b$'],
      label: ['app=shop', 'com.docker.compose.project=p', 'com.docker.compose.service=s'],
      ancestor: ['i'],
      network: ['n'],
    });
  });

  it('matches a pattern only against the whole name, as the engine does', () => {
    expect(matches({namePattern: 'shop'}, container('shop-1'))).to.equal(false);
    expect(matches({namePattern: 'shop-\\d'}, container('shop-1'))).to.equal(true);
    expect(filtersOf({namePattern: 'shop-(?<n>\\d)'})).to.deep.equal({name: ['^/?(?:shop-(?P<n>\\d))$']});
    expect(problemsOf({namePattern: 'shop-(?!1)\\d'})).to.include('look-around');
  });

  it('leaves out one-off containers of a compose service', () => {
    const labels = {'com.docker.compose.service': 'shop', 'com.docker.compose.oneoff': 'True'};
    expect(matches({service: 'shop'}, container('shop-run', labels))).to.equal(false);
  });

  it('protects labelled containers, our own, and the one we run in', () => {
    expect(protection(container('x', {'firedrill.protect': 'true'}), [])).to.include('firedrill.protect');
    expect(protection(container('x', {'firedrill.run': 'r'}), [])).to.include("Firedrill's own");
    expect(protection(container('x'), ['aaaaaaaaaaaa'])).to.include('runs in it');
    expect(protection(container('x', {'firedrill.protect': 'false'}), ['bbbbbbbbbbbb'])).to.equal(undefined);
  });
});
