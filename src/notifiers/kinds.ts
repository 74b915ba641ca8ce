import {alertmanager} from './alertmanager.js';
import type {NotifierKind} from './contract.js';
import {grafana} from './grafana.js';
import {pagerduty} from './pagerduty.js';
import {pushgateway} from './pushgateway.js';
import {slack} from './slack.js';
import {webhook} from './webhook.js';

/** Every kind of place that can be told, by its name in the file. */
export const NOTIFIERS = {
  slack,
  pagerduty,
  alertmanager,
  grafana,
  webhook,
  pushgateway,
} as const satisfies Readonly<Record<string, NotifierKind>>;
