import type {Finding} from '../result.js';
import {rule as changedTooMuch} from './changed-too-much.js';
import {rule as checkFailed} from './check-failed.js';
import {rule as confounded} from './confounded.js';
import {rule as degradationOutlivesFault} from './degradation-outlives-fault.js';
import {rule as faultLost} from './fault-lost.js';
import {rule as hypothesisBroken} from './hypothesis-broken.js';
import {rule as interrupted} from './interrupted.js';
import {rule as leftOvers} from './left-overs.js';
import {rule as nearMisses} from './near-misses.js';
import {rule as platformDidNotHeal} from './platform-did-not-heal.js';
import {rule as relapse} from './relapse.js';
import {rule as restarts} from './restarts.js';
import type {FindingContext, FindingRule} from './rule.js';
import {rule as signalLost} from './signal-lost.js';
import {rule as slowRecovery} from './slow-recovery.js';
import {rule as superseded} from './superseded.js';

/** Every rule, in the order in which findings of the same severity are told. */
export const RULES: readonly FindingRule[] = [
  leftOvers,
  hypothesisBroken,
  changedTooMuch,
  slowRecovery,
  platformDidNotHeal,
  checkFailed,
  interrupted,
  restarts,
  relapse,
  degradationOutlivesFault,
  faultLost,
  superseded,
  signalLost,
  confounded,
  nearMisses,
];

/** All findings, the most severe first. */
export function findAll(context: FindingContext): readonly Finding[] {
  return RULES.flatMap(rule => rule.find(context)).sort((a, b) => a.severity.localeCompare(b.severity));
}
