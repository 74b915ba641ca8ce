import type {AfterSpec, Experiment, FaultSpec} from './experiment.js';

/** Factors are rounded up to this, so that times of whole tenths of a second stay exact and keep their order. */
const STEP = 0.01;

function stretchedAfter(after: AfterSpec, longer: (ms: number) => number): AfterSpec {
  return {...after, ms: longer(after.ms)};
}

function stretchedFault(fault: FaultSpec, longer: (ms: number) => number): FaultSpec {
  const {repeat, steps} = fault;
  const forMs = longer(fault.forMs);
  // Rounding must not let a repeat begin before the steps of the one before are over.
  const lastsMs = forMs * (steps?.parameters.length ?? 1);
  return {
    ...fault,
    forMs,
    after: stretchedAfter(fault.after, longer),
    ...(repeat === undefined ? {} : {repeat: {...repeat, everyMs: Math.max(longer(repeat.everyMs), lastsMs)}}),
  };
}

/**
 * The same experiment with injections that are `factor` times as long. All times of the schedule grow alike, the waits
 * between the faults too: what did not overlap does not overlap now. The wash-out of a switchback stays: it is how long
 * the system takes, not how long we look.
 */
export function stretched(experiment: Experiment, factor: number): Experiment {
  if (factor <= 1) return experiment;
  const rounded = Math.ceil(factor / STEP - 1e-9) * STEP;
  const longer = (ms: number) => Math.ceil(ms * rounded - 1e-6);
  const {switchback} = experiment;
  return {
    ...experiment,
    faults: experiment.faults.map(fault => stretchedFault(fault, longer)),
    ...(switchback === undefined ? {} : {switchback: {...switchback, blockMs: longer(switchback.blockMs)}}),
  };
}
