import {expect} from 'chai';
import {proofOf} from '../../../src/history/proven-alerts.js';
import type {AlertSummary} from '../../../src/history/summary.js';
import {summary} from '../../support/history.js';

const IN_TIME: AlertSummary = {
  alert: 'CheckoutSlow',
  outcome: 'in-time',
  verdict: 'held',
  firedSeconds: 12,
  resolvedSeconds: null,
  receiver: null,
};
const run = (name: string, ...alerts: readonly Partial<AlertSummary>[]) =>
  summary({run: name, alerts: alerts.map(alert => ({...IN_TIME, ...alert}))});

describe('whether an alerting rule is proven', () => {
  it('is told by the newest run that expected it', () => {
    const runs = [run('r1', {}), run('r2', {outcome: 'never-fired', verdict: 'deviated', firedSeconds: null})];
    expect(proofOf('CheckoutSlow', runs))
      .to.deep.include({state: 'missed'})
      .and.to.have.nested.property('by.run', 'r2');
    const again = proofOf('CheckoutSlow', [...runs, run('r3', {})]);
    expect(again.state).to.equal('proven');
    expect(again.by?.run).to.equal('r3');
  });

  it('is not told by a run in which it was not due, or which could not tell', () => {
    const runs = [
      run('r1', {}),
      run('r2', {outcome: 'not-due'}),
      run('r3', {outcome: 'unread', verdict: 'inconclusive'}),
    ];
    expect(proofOf('CheckoutSlow', runs).by?.run).to.equal('r1');
    expect(proofOf('CheckoutSlow', runs.slice(1))).to.deep.equal({state: 'never'});
  });

  it('counts for the rule whatever labels the file asks for, and for no other', () => {
    const runs = [run('r1', {alert: 'CheckoutSlow {severity="page"}'})];
    expect(proofOf('CheckoutSlow', runs).state).to.equal('proven');
    expect(proofOf('Checkout', runs).state).to.equal('never');
    expect(proofOf('CheckoutSlow', []).state).to.equal('never');
  });
});
