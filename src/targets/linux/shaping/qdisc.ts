import {plainNumber} from '../../../quantities/number.js';
import {formatBandwidth} from '../../../quantities/size.js';
import {formatDuration} from '../../../quantities/duration.js';
import {formatShare} from '../../../quantities/share.js';
import type {JsonObject} from '../../../quantities/json.js';
import type {Bandwidth, PacketShare, Impairment, Netem, PacketLoss} from '../../packets.js';

/** The queueing discipline of an impairment: its words for tc, and what `tc -j qdisc show` then reads. */
export interface Discipline {
  readonly kind: 'netem' | 'tbf';
  readonly words: string;
  /** Options that must read like this; what is not named here may read as it likes. */
  readonly options: JsonObject;
}

/**
 * Packets that may wait. The kernel's default of 1000 loses packets behind a delay: 200 ms at 100 Mbit/s are 1700. They
 * take memory only while they wait.
 */
const NETEM_LIMIT = 100_000;
/** A bucket smaller than one packet lets none pass; the link's own header comes on top of the MTU. */
const LINK_HEADER = 100;
/** The bucket must hold what passes between two ticks of the slowest kernel clock (tc-tbf(8)): 100 a second. */
const TICKS_PER_SECOND = 100;

function percent(share: number): string {
  return `${plainNumber(share * 100, 7)}%`;
}

function milliseconds(ms: number): string {
  return `${plainNumber(ms, 3)}ms`;
}

function drawn(word: string, {share, correlation}: PacketShare): string {
  return `${word} ${percent(share)}${correlation > 0 ? ` ${percent(correlation)}` : ''}`;
}

function delayWords({ms, jitterMs, correlation, distribution}: NonNullable<Netem['delay']>): string {
  if (jitterMs === 0) return `delay ${milliseconds(ms)}`;
  const words = `delay ${milliseconds(ms)} ${milliseconds(jitterMs)}`;
  const correlated = correlation > 0 ? ` ${percent(correlation)}` : '';
  // Without a table the kernel draws evenly; with one `jitter` is the standard deviation.
  return `${words}${correlated}${distribution === 'uniform' ? '' : ` distribution ${distribution}`}`;
}

function lossWords(loss: PacketLoss): string {
  switch (loss.model) {
    case 'random':
      return drawn('loss random', loss);
    case 'gemodel':
      return `loss gemodel ${[loss.p, loss.r, loss.bad, loss.good].map(percent).join(' ')}`;
    case 'state':
      return `loss state ${[loss.p13, loss.p31, loss.p32, loss.p23, loss.p14].map(percent).join(' ')}`;
  }
}

function lossOptions(loss: PacketLoss): JsonObject {
  switch (loss.model) {
    case 'random':
      return {'loss-random': {loss: loss.share, correlation: loss.correlation}};
    case 'gemodel':
      return {'loss-gemodel': {p: loss.p, r: loss.r, '1-h': loss.bad, '1-k': loss.good}};
    case 'state': {
      const {p13, p31, p32, p23, p14} = loss;
      return {'loss-state': {p13, p31, p32, p23, p14}};
    }
  }
}

function netem({delay, loss, corruption, duplication, reordering}: Netem): Discipline {
  const words = [
    `netem limit ${NETEM_LIMIT}`,
    ...(delay === undefined ? [] : [delayWords(delay)]),
    ...(loss === undefined ? [] : [lossWords(loss)]),
    ...(corruption === undefined ? [] : [drawn('corrupt', corruption)]),
    ...(duplication === undefined ? [] : [drawn('duplicate', duplication)]),
    ...(reordering === undefined ? [] : [`${drawn('reorder', reordering)} gap ${reordering.gap}`]),
  ];
  const share = (name: string, {share, correlation}: PacketShare) => ({[name]: {[name]: share, correlation}});
  const options = {
    ...(delay === undefined ? {} : {delay: {delay: delay.ms / 1000, jitter: delay.jitterMs / 1000}}),
    ...(loss === undefined ? {} : lossOptions(loss)),
    ...(corruption === undefined ? {} : share('corrupt', corruption)),
    ...(duplication === undefined ? {} : share('duplicate', duplication)),
    ...(reordering === undefined ? {} : {...share('reorder', reordering), gap: reordering.gap}),
  };
  return {kind: 'netem', words: words.join(' '), options};
}

function bandwidth({bytesPerSecond, burstBytes, queueMs}: Bandwidth, mtu: number): Discipline {
  const rate = Math.max(1, Math.round(bytesPerSecond));
  const burst = Math.max(burstBytes ?? 0, mtu + LINK_HEADER, Math.ceil(rate / TICKS_PER_SECOND));
  // tc's `bps` are bytes per second. The queue is given in bytes: as a time, short ones would round to no queue at all.
  const limit = burst + Math.ceil((rate * queueMs) / 1000);
  return {kind: 'tbf', words: `tbf rate ${rate}bps burst ${burst} limit ${limit}`, options: {rate}};
}

/** `mtu` is that of the interface it is put on. */
export function disciplineOf(impairment: Impairment, mtu: number): Discipline {
  return impairment.kind === 'netem' ? netem(impairment) : bandwidth(impairment, mtu);
}

function describeLoss(loss: PacketLoss): string {
  switch (loss.model) {
    case 'random':
      return `lose ${formatShare(loss.share)}`;
    case 'gemodel':
      return `lose packets in bursts (gemodel ${[loss.p, loss.r, loss.bad, loss.good].map(formatShare).join(' ')})`;
    case 'state':
      return 'lose packets in bursts (4-state model)';
  }
}

/** What is done to the packets, in words that `of …` can follow. */
export function describeImpairment(impairment: Impairment): string {
  if (impairment.kind === 'bandwidth') return `hold to ${formatBandwidth(impairment.bytesPerSecond)} the traffic`;
  const {delay, loss, corruption, duplication, reordering} = impairment;
  const by = delay === undefined ? '' : formatDuration(delay.ms);
  if (reordering !== undefined) return `delay by ${by} all but ${formatShare(reordering.share)}`;
  if (loss !== undefined) return describeLoss(loss);
  if (corruption !== undefined) return `corrupt ${formatShare(corruption.share)}`;
  if (duplication !== undefined) return `duplicate ${formatShare(duplication.share)}`;
  const jitter = delay === undefined || delay.jitterMs === 0 ? '' : ` ± ${formatDuration(delay.jitterMs)}`;
  return `delay by ${by}${jitter} the packets`;
}
