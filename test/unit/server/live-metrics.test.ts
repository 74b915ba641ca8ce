import {expect} from 'chai';
import {serveLiveMetrics} from '../../../src/server/live-metrics.js';
import {traffic, untilInForce, untilUndone} from '../../support/records.js';

describe('live metrics', () => {
  it('serves phase, fault in force, metrics and requests of a run, and stops when closed', async () => {
    const metrics = await serveLiveMetrics(0);
    for (const event of untilInForce().events) metrics.event?.(event);
    metrics.sample?.(1, {t: 0, d: 0, value: 7});
    metrics.sample?.(1, {t: 0, d: 0, value: null, why: 'x'});
    for (const second of traffic({from: 10, to: 11, failed: 5}, 11)) metrics.second?.(second);
    const text = await (await fetch(metrics.url)).text();
    expect(text).to.include('firedrill_phase{phase="fault"} 1');
    expect(text).to.include('firedrill_fault_in_force{occurrence="freeze-1"} 1');
    expect(text).to.include('firedrill_metric{metric="queue depth",subject=""} 7');
    expect(text).to.match(/firedrill_metric\{metric="checkout errors",subject=""\} [\d.]+/);
    expect(text).to.include('firedrill_samples_missing_total{metric="queue depth"} 1');
    expect(text).to.include('firedrill_load_requests_total{load="checkout",outcome="status-503"} 5');
    for (const event of untilUndone().events) metrics.event?.(event);
    expect(await (await fetch(metrics.url)).text()).to.include('firedrill_fault_in_force{occurrence="freeze-1"} 0');
    await metrics.close();
    const gone = await fetch(metrics.url).then(
      () => 'answers',
      () => 'gone',
    );
    expect(gone).to.equal('gone');
  });

  it('says which port cannot be had', async () => {
    const first = await serveLiveMetrics(0);
    const port = Number(new URL(first.url).port);
    const error = await serveLiveMetrics(port).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await first.close();
    expect(String(error)).to.include(`\`${port}\``);
  });
});
