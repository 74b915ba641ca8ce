import {expect} from 'chai';
import type {JsonObject} from '../../../../src/quantities/json.js';
import type {Evidence} from '../../../../src/record/evidence.js';
import {judge} from '../../../../src/verdict/judge.js';
import {deviated, held, platformHeal, target} from '../../../support/records.js';

const BARE = {restartPolicy: 'no', health: 'none', image: 'shop/inventory', memory: {limit: 0, swap: 0}};

/** The record of a run whose target was set up like this. */
function setUp(evidence: Evidence, facets: JsonObject): Evidence {
  const events = evidence.events.map(event =>
    event.type === 'targets.resolved' ? {...event, facets: {[target().object]: facets}} : event,
  );
  return {...evidence, events};
}

const codes = (evidence: Evidence) => judge(evidence).findings.map(({code}) => code);
const POSTURE = ['no-restart-policy', 'no-health-check', 'no-memory-limit', 'moving-image-tag', 'single-instance'];
const told = (evidence: Evidence) => codes(evidence).filter(code => POSTURE.includes(code));

describe('how a target is set up', () => {
  it('is told only where it bears on the result: nothing where everything held', () => {
    expect(told(setUp(held(), BARE))).to.deep.equal([]);
    expect(told(setUp(deviated(), BARE))).to.deep.equal(['no-health-check', 'moving-image-tag']);
  });

  it('is not told where it is in order, nor where the record does not have it', () => {
    const fine = {...BARE, health: 'healthy', image: 'shop/inventory:1.4'};
    expect(told(setUp(deviated(), fine))).to.deep.equal([]);
    expect(told(deviated())).to.deep.equal([]);
  });

  it('names a restart policy that is missing where only the undo started a killed container again', () => {
    const evidence = setUp(platformHeal(false), BARE);
    const finding = judge(evidence).findings.find(({code}) => code === 'no-restart-policy');
    expect(finding?.what).to.include('was started again after 12s, by the undo of Firedrill');
    const versioned = {...BARE, image: 'shop:1'};
    expect(told(setUp(platformHeal(true), versioned))).to.deep.equal([]);
    expect(told(setUp(platformHeal(false), {...versioned, restartPolicy: 'always'}))).to.deep.equal([]);
  });

  it('names a memory limit that is missing where memory was used up, and nowhere else', () => {
    const stressed = (evidence: Evidence): Evidence => ({
      ...evidence,
      events: evidence.events.map(event =>
        event.type === 'run.started'
          ? {...event, occurrences: event.occurrences.map(one => ({...one, kind: 'memory-stress'}))}
          : event,
      ),
    });
    const bare = {restartPolicy: 'no', health: 'healthy', image: 'shop:1', memory: {limit: 0, swap: 0}};
    expect(told(setUp(stressed(held()), bare))).to.deep.equal(['no-memory-limit']);
    expect(told(setUp(stressed(held()), {...bare, memory: {limit: 1 << 28, swap: 0}}))).to.deep.equal([]);
    expect(told(setUp(held(), bare))).to.deep.equal([]);
  });

  for (const [image, isMoving] of [
    ['shop', true],
    ['localhost:5000/shop', true],
    ['localhost:5000/shop:latest', true],
    ['localhost:5000/shop:2', false],
    ['shop@sha256:' + 'a'.repeat(64), false],
    ['sha256:' + 'a'.repeat(64), false],
  ] as const)
    it(`takes ${image} as ${isMoving ? 'an image without a version' : 'a version'}`, () => {
      const evidence = setUp(deviated(), {...BARE, image, health: 'healthy'});
      expect(told(evidence)).to.deep.equal(isMoving ? ['moving-image-tag'] : []);
    });
});
