import {expect} from 'chai';
import {parseExperiment} from '../../../src/experiment/parse.js';

const FILES: Readonly<Record<string, {readonly text: string; readonly hint: string}>> = {
  'a Chaos Toolkit experiment': {
    text: 'version: 1.0.0\ntitle: x\ndescription: y\nsteady-state-hypothesis: { title: t, probes: [] }\nmethod: []\nrollbacks: []\n',
    hint: 'probes with a tolerance are `steadyState`',
  },
  'a Chaos Mesh manifest (`kind: NetworkChaos`)': {
    text: 'apiVersion: chaos-mesh.org/v1alpha1\nkind: NetworkChaos\nmetadata: { name: delay }\nspec: { action: delay }\n',
    hint: '`network-latency`',
  },
  'a Litmus manifest (`kind: ChaosEngine`)': {
    text: 'apiVersion: litmuschaos.io/v1alpha1\nkind: ChaosEngine\nmetadata: { name: e }\nspec: {}\n',
    hint: 'each of its probes a metric',
  },
  'a Kubernetes manifest (`kind: Deployment`)': {
    text: 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: {}\n',
    hint: 'kubernetes: { context, namespace, kind: deployment, name }',
  },
  'a Compose file': {
    text: 'services:\n  checkout: { image: checkout }\nvolumes: {}\n',
    hint: 'docker: { project: PROJECT, service: checkout }',
  },
  'a configuration of Toxiproxy': {
    text: '[{"name": "db", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2"}]',
    hint: 'toxiproxy: { name, url }',
  },
  'a configuration of krkn': {text: 'kraken: { chaos_scenarios: [] }\ntunings: {}\n', hint: 'firedrill new FAULT'},
};

describe('a file of another tool', () => {
  for (const [what, {text, hint}] of Object.entries(FILES))
    it(`is recognised, and the one problem says what to do with it: ${what}`, () => {
      const {problems} = parseExperiment({file: 'x.yaml', content: text, environment: {}});
      expect(problems.map(({message}) => message)).to.deep.equal([
        `expected an experiment: a mapping with \`version\`, \`title\`, …; got ${what}`,
      ]);
      expect(problems[0]?.hint).to.include(hint);
    });

  it('is not seen in an experiment with a wrong key', () => {
    const text = 'version: 1\ntitle: x\nmethod: []\nfaults: []\n';
    const {problems} = parseExperiment({file: 'x.yaml', content: text, environment: {}});
    expect(problems.map(({message}) => message)).to.include('expected a known key; got `method`');
  });
});
