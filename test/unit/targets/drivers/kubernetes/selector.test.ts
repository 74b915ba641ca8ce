import {expect} from 'chai';
import fc from 'fast-check';
import {parameters as deletion} from '../../../../../src/faults/delete/parameters.js';
import {parameters as scaling} from '../../../../../src/faults/scale/parameters.js';
import {parameters as probe, unitOf, worseOf} from '../../../../../src/signals/probes/kubernetes/parameters.js';
import {formatObject, fingerprint, parseObject} from '../../../../../src/targets/drivers/kubernetes/api/identity.js';
import {selector} from '../../../../../src/targets/drivers/kubernetes/selector.js';
import {selectorText} from '../../../../../src/targets/drivers/kubernetes/api/workloads.js';
import {matchesLabels} from '../../../../support/kube-api-store.js';

const problems = (given: unknown) =>
  selector()
    .safeParse(given)
    .error?.issues.map(issue => issue.message) ?? [];
const PLACE = {context: 'prod', namespace: 'shop'};

describe('Kubernetes selector', () => {
  it('means pods unless it says otherwise', () => {
    expect(selector().parse({...PLACE, labels: {app: 'checkout'}})).to.deep.equal({
      ...PLACE,
      kind: 'pod',
      labels: {app: 'checkout'},
    });
  });

  it('always wants a context and a namespace', () => {
    expect(problems({namespace: 'shop'})).to.deep.equal([
      'expected the kube context to use: it is never taken from the ambient current-context',
    ]);
    expect(problems({context: 'prod'})).to.have.length(1);
  });

  it('refuses labels that would mean something else to the server', () => {
    expect(problems({...PLACE, labels: {app: 'a,b=c'}})).to.deep.equal([
      'expected a label value such as `checkout`; got `a,b=c`',
    ]);
    expect(problems({...PLACE, labels: {app: 3}})).to.deep.equal([
      'expected the label value as a text (put numbers and `true` in quotes)',
    ]);
    expect(problems({...PLACE, labels: {'app in (a)': 'x'}})).to.have.length(1);
    expect(problems({...PLACE, labels: {'app.kubernetes.io/name': 'checkout', tier: ''}})).to.deep.equal([]);
  });

  it('refuses kinds that cannot be hit, unknown keys, and names that no object can have', () => {
    expect(problems({...PLACE, kind: 'node'})).to.have.length(1);
    expect(problems({...PLACE, cluster: 'prod'})).to.have.length(1);
    expect(problems({...PLACE, name: 'Checkout_1'})[0]).to.include('got `Checkout_1`');
  });
});

describe('Parameters of the Kubernetes faults and probe', () => {
  it('takes a grace period as a duration, or none', () => {
    expect(deletion().parse({})).to.deep.equal({});
    expect(deletion().parse({grace: '0s'})).to.deep.equal({grace: 0});
    expect(deletion().safeParse({grace: 5}).success).to.equal(false);
  });

  it('takes whole replicas from zero', () => {
    expect(scaling().parse({replicas: 0})).to.deep.equal({replicas: 0});
    for (const replicas of [-1, 1.5, '2', undefined]) expect(scaling().safeParse({replicas}).success).to.equal(false);
  });

  it('counts, and knows which way is bad', () => {
    const ready = {...probe().parse({of: 'shop', measure: 'ready-replicas'})};
    expect([unitOf(ready), worseOf(ready), worseOf({measure: 'restarts'})]).to.deep.equal(['count', 'lower', 'higher']);
  });
});

describe('Kubernetes identities', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  const workload = fc.record({
    kind: fc.constantFrom('deployment' as const, 'statefulset' as const, 'replicaset' as const, 'daemonset' as const),
    name: word,
    uid: fc.uuid(),
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(word, word, fc.uuid(), fc.option(workload, {nil: undefined}), (namespace, name, uid, by) => {
        const self = {kind: 'pod' as const, namespace, name, uid};
        const identity = by === undefined ? {self} : {self, owner: {...by, namespace}};
        expect(parseObject(formatObject(identity))).to.deep.equal(identity);
      }),
    );
  });

  it('are not read from other texts', () => {
    for (const text of ['', 'shop/pod/x', 'shop/node/x/u', 'shop/pod/x/u@job/y/v', 'a/b/c/d'])
      expect(parseObject(text)).to.equal(undefined);
  });

  it('fingerprint data whatever the order of its keys', () => {
    expect(fingerprint({a: 1, b: [{c: 2, d: undefined}]})).to.equal(fingerprint({b: [{c: 2}], a: 1}));
    expect(fingerprint({a: 1})).to.not.equal(fingerprint({a: 2}));
  });

  it('write label selectors as the API takes them', () => {
    const text = selectorText({
      matchLabels: {app: 'checkout'},
      matchExpressions: [
        {key: 'tier', operator: 'In', values: ['web', 'api']},
        {key: 'canary', operator: 'DoesNotExist'},
        {key: 'zone', operator: 'NotIn', values: ['b']},
        {key: 'team', operator: 'Exists'},
      ],
    });
    expect(text).to.equal('app=checkout,tier in (web,api),!canary,zone notin (b),team');
    expect(matchesLabels(text, {app: 'checkout', tier: 'api', team: 'x'})).to.equal(true);
    expect(matchesLabels(text, {app: 'checkout', tier: 'db', team: 'x'})).to.equal(false);
  });
});
