import {factsOf, type Facts} from '../../verdict/facts.js';
import type {MeasuredData} from '../../verdict/judgement/data.js';
import type {RunContext} from '../context.js';

const NOTHING: MeasuredData = {series: [], loads: []};

/**
 * The record up to now as the verdict reads it, so that what is decided live is the verdict's own function of it;
 * without measured values where only events matter.
 */
export function factsSoFar({run, recorded}: RunContext, {series, loads}: MeasuredData = NOTHING): Facts {
  return factsOf({run, folder: '', events: recorded, series, loads, gaps: [], complete: false});
}
