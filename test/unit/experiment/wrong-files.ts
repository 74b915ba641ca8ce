import type {ProblemCode} from '../../../src/experiment/problem.js';

/** What is wrong with each file of test/fixtures/experiments/wrong: line, column, code, and what the message says. */
export type Expected = readonly [line: number, column: number, code: ProblemCode, message: string];

export const WRONG_FILES: Readonly<Record<string, readonly Expected[]>> = {
  'after-cycle.yaml': [
    [16, 5, 'CYCLE', 'expected faults that do not wait for each other; got `freeze` → `other` → `freeze`'],
  ],
  'after-itself.yaml': [[16, 21, 'UNKNOWN_REFERENCE', 'expected the name of another fault; got `freeze`']],
  'after-two-edges.yaml': [
    [16, 12, 'WRONG_VALUE', 'expected exactly one of `starts`, `confirmed`, `ends`; got a mapping'],
  ],
  'after-unknown-fault.yaml': [[16, 21, 'UNKNOWN_REFERENCE', 'expected the name of another fault; got `drain`']],
  'between-not-hit.yaml': [
    [14, 49, 'CONTRADICTION', "expected one of the fault's own targets (`checkout`); got `store`"],
  ],
  'capacity-without-sweep.yaml': [
    [
      8,
      17,
      'CONTRADICTION',
      'expected a load that goes through at least 6 different rates; got `checkout`, which has 1',
    ],
    [
      13,
      12,
      'CONTRADICTION',
      'expected `judge: [fault]`: a capacity is read off a whole sweep of the load, so when it is back cannot be seen',
    ],
    [
      20,
      15,
      'CONTRADICTION',
      'expected a metric that is known at every moment; got `checkout capacity`: a capacity is read off a whole sweep',
    ],
  ],
  'check-of-unknown-count.yaml': [
    [16, 82, 'UNKNOWN_REFERENCE', 'expected the name of a count of a load; got `acepted`'],
  ],
  'check-of-unknown-load.yaml': [[16, 82, 'UNKNOWN_REFERENCE', 'expected the name of a load; got `chekout`']],
  'check-without-comparison.yaml': [[16, 21, 'MISSING', 'expected `value` or `change`; got neither']],
  'control-that-is-hit.yaml': [
    [17, 22, 'CONTRADICTION', 'expected a target that no fault hits; `inventory` is hit'],
    [17, 54, 'UNKNOWN_REFERENCE', 'expected the name of another metric; got `latency`'],
  ],
  'deviation-against-tolerance.yaml': [
    [11, 34, 'CONTRADICTION', 'expected the direction that the tolerance has (`higher` is worse); got `lower`'],
  ],
  'deviation-critical-too-small.yaml': [[11, 37, 'WRONG_VALUE', 'expected `critical` to be more than `by`; got `5%`']],
  'duplicate-fault-name.yaml': [[16, 13, 'DUPLICATE_NAME', 'expected each name once; got `freeze` again']],
  'duration-more-than-a-day.yaml': [[15, 10, 'WRONG_VALUE', 'expected at most 24h; got `25h`']],
  'duration-with-unknown-unit.yaml': [
    [15, 10, 'WRONG_UNIT', 'expected a duration such as `200ms`, `5s`, `2m`; got `20sec`'],
  ],
  'duration-without-unit.yaml': [[15, 10, 'WRONG_UNIT', 'expected a duration such as `200ms`, `5s`, `2m`; got `20`']],
  'duration-zero.yaml': [[15, 10, 'WRONG_VALUE', 'expected more than zero; got `0s`']],
  'empty.yaml': [[1, 1, 'UNREADABLE', 'expected a file with something in it; got an empty one']],
  'environment-missing.yaml': [
    [6, 21, 'NO_VALUE', 'expected a value in the environment variable `FIREDRILL_TEST_UNSET`; it is not set'],
  ],
  'everything-at-once.yaml': [
    [1, 10, 'WRONG_VALUE', 'expected `1`, the version of the format that this Firedrill reads; got `3`'],
    [4, 24, 'WRONG_VALUE', 'expected a container name or a mapping; got `7`'],
    [6, 61, 'WRONG_UNIT', 'expected a rate such as `100/s`, `90/m`; got `50`'],
    [10, 25, 'WRONG_UNIT', '`checkout errors` is a share: expected a share such as `20%`, `0.5%`; got `1`'],
    [13, 5, 'UNKNOWN_KEY', 'expected a known key; got `pauze`'],
    [14, 15, 'UNKNOWN_REFERENCE', 'expected the name of a target; got `stock`'],
    [15, 10, 'WRONG_UNIT', 'expected a duration such as `200ms`, `5s`, `2m`; got `20`'],
  ],
  'fault-block-empty.yaml': [[13, 11, 'WRONG_TYPE', 'expected a mapping; got `null`']],
  'fault-unsuitable-for-target.yaml': [
    [14, 15, 'UNSUITABLE', '`scale` hits targets of kind workload; `inventory` is a container (docker)'],
  ],
  'fault-with-two-kinds.yaml': [[14, 5, 'CONTRADICTION', 'expected one kind of fault; got `pause` and `kill`']],
  'fault-without-kind.yaml': [[12, 5, 'MISSING', 'expected what kind of fault it is; got none']],
  'faults-as-mapping.yaml': [[12, 3, 'WRONG_TYPE', 'expected a list; got a mapping']],
  'faults-empty.yaml': [[11, 1, 'MISSING', 'expected `faults`: at least one fault; there is none']],
  'guard-in-another-unit.yaml': [
    [16, 45, 'WRONG_UNIT', '`checkout errors` is a share: expected a share such as `20%`, `0.5%`; got `25`'],
  ],
  'guard-without-limit.yaml': [[16, 11, 'MISSING', 'expected `above` or `below`; got neither']],
  'heal-on-state-fault.yaml': [
    [16, 5, 'CONTRADICTION', 'expected `heal` only on faults that happen once; `pause` holds until it is undone'],
  ],
  'irreversible-nonsense.yaml': [[16, 25, 'WRONG_VALUE', 'expected one of `refuse`, `allow`; got `alow`']],
  'judge-nonsense.yaml': [[11, 13, 'WRONG_VALUE', 'expected one of `fault`, `recovery`; got `faults`']],
  'judge-without-tolerance.yaml': [
    [10, 5, 'CONTRADICTION', 'expected a `tolerance` or a `deviation` to judge by; got neither'],
  ],
  'keep-on-event-fault.yaml': [
    [16, 5, 'CONTRADICTION', 'expected `keep` only on faults that hold; `kill` happens once'],
  ],
  'later-fault-on-driver.yaml': [
    [
      14,
      15,
      'NOT_BUILT_YET',
      '`network-latency` hits targets of kind connection, container; `inventory` is a pod (kubernetes): not in this version yet',
    ],
  ],
  'later-fault.yaml': [[13, 5, 'NOT_BUILT_YET', 'the fault `node-drain`: not in this version yet']],
  'logs-nowhere.yaml': [
    [7, 9, 'WRONG_VALUE', 'expected exactly one of `of` and `file`: where the log is; got both'],
    [8, 12, 'WRONG_VALUE', 'expected exactly one of `of` and `file`: where the log is; got neither'],
    [
      9,
      47,
      'WRONG_VALUE',
      'expected a regular expression; got `(?=a)b`: look-around such as `(?=…)` or `(?<!…)` is not possible',
    ],
  ],
  'logs-that-cannot-be.yaml': [
    [8, 18, 'UNKNOWN_REFERENCE', 'expected the name of a target; got `inventroy`'],
    [
      9,
      20,
      'UNSUITABLE',
      'expected a target of `docker` or `process`, whose output can be followed; `pods` is of `kubernetes`',
    ],
    [
      10,
      18,
      'UNSUITABLE',
      'expected a process that Firedrill starts (`start`), whose output it has; `found` is found running',
    ],
    [13, 17, 'UNKNOWN_REFERENCE', 'expected the name of a log; got `inventory`'],
    [22, 25, 'CONTRADICTION', 'expected a measure that one read has; a rate is the difference of two'],
  ],
  'load-arrivals-nonsense.yaml': [[6, 68, 'WRONG_VALUE', 'expected one of `uniform`, `poisson`; got `poison`']],
  'load-check-not-a-regex.yaml': [
    [6, 92, 'WRONG_VALUE', 'expected a regular expression; got `so(ld`: missing closing ): `so(ld`'],
  ],
  'load-check-of-nothing.yaml': [[6, 81, 'WRONG_VALUE', 'expected something to check; got nothing']],
  'load-check-of-two.yaml': [[6, 81, 'WRONG_VALUE', 'expected one thing to check; got `header` and `json`']],
  'load-check-path-nonsense.yaml': [
    [6, 89, 'WRONG_VALUE', 'expected a path to one value such as `$.orders[0].open`; got `$..state`'],
  ],
  'load-check-two-ways.yaml': [
    [6, 81, 'WRONG_VALUE', 'expected one of `equals`, `contains`, `matches`; got `equals` and `contains`'],
  ],
  'load-http-and-scenarios.yaml': [
    [6, 58, 'CONTRADICTION', 'expected one of `http`, `sql`, `redis`, `scenarios`; got `http` and `scenarios`'],
  ],
  'load-metric-of-unknown-request.yaml': [
    [9, 36, 'UNKNOWN_REFERENCE', 'expected the name of a request of that load; got `by`'],
  ],
  'load-metric-of-unnamed-request.yaml': [
    [9, 36, 'UNKNOWN_REFERENCE', 'expected the name of a request of that load; got `buy`'],
  ],
  'load-nothing-to-send.yaml': [
    [6, 3, 'MISSING', 'expected one of `http`, `sql`, `redis`, `scenarios`: what to send; all are missing'],
  ],
  'load-rate-zero.yaml': [[6, 15, 'CONTRADICTION', 'expected more than zero without `stages`; got `0/s`']],
  'load-redis-id-drawn.yaml': [
    [
      6,
      92,
      'WRONG_VALUE',
      'expected the placeholders that stand in the request for the id, such as `${seq}` (not `${pick:…}`, which is drawn each time); got `${pick:1..5}`',
    ],
  ],
  'load-redis-id-not-sent.yaml': [
    [6, 88, 'CONTRADICTION', 'expected placeholders that stand in the request, too; `${seq}` is not sent'],
  ],
  'load-redis-nowhere.yaml': [[6, 25, 'WRONG_VALUE', 'expected `url` or `urls`; got neither']],
  'load-redis-shared-connection.yaml': [
    [
      6,
      63,
      'WRONG_VALUE',
      'expected a command that leaves its connection as it is, because connections are shared; got `multi`',
    ],
  ],
  'load-redis-varied-command.yaml': [
    [6, 63, 'WRONG_VALUE', 'expected the name of a command, the same for all users; got `${pick:GET|SET}`'],
  ],
  'load-repeat-nothing.yaml': [[6, 58, 'CONTRADICTION', 'expected `stages` to repeat; there are none']],
  'load-scenario-of-pauses.yaml': [[6, 55, 'WRONG_VALUE', 'expected at least one step with a `request`; got none']],
  'load-sql-and-redis.yaml': [
    [6, 80, 'CONTRADICTION', 'expected one of `http`, `sql`, `redis`, `scenarios`; got `sql` and `redis`'],
  ],
  'load-sql-carried.yaml': [
    [6, 68, 'UNKNOWN_REFERENCE', 'expected the name of a value that an earlier step carries; got `id`'],
  ],
  'load-sql-of-no-database.yaml': [
    [
      6,
      37,
      'WRONG_VALUE',
      'expected `postgres://USER@HOST/DATABASE`, `mysql://…` or a `${secret:env:NAME}` that holds one; got `oracle://u@db/shop`',
    ],
  ],
  'load-sql-placeholder-in-quotes.yaml': [
    [
      6,
      68,
      'WRONG_VALUE',
      'expected placeholders where a value may stand, or in a text in single quotes; got one in double quotes',
    ],
  ],
  'load-sql-placeholder-in-url.yaml': [
    [
      6,
      37,
      'BAD_REFERENCE',
      'expected a text that is the same for all; `${seq}` differs from user to user, and of a request of `load` only `url`, `headers`, `json`, `body` and `id`, of `sql` the `query`, of `redis` the `command` are made for each user',
    ],
  ],
  'load-stage-to-nowhere.yaml': [[6, 63, 'WRONG_VALUE', 'expected `to` beside `over`: the rate to go to; got none']],
  'load-stage-without-time.yaml': [
    [6, 80, 'WRONG_VALUE', 'expected `over`, `hold` or both: how long the stage lasts; got neither'],
  ],
  'load-stages-of-nothing.yaml': [
    [6, 46, 'CONTRADICTION', 'expected a stage with more than zero requests per second; got none'],
  ],
  'load-step-misspelt.yaml': [
    [6, 47, 'UNKNOWN_KEY', 'expected a known key; got `wieght`'],
    [6, 82, 'UNKNOWN_KEY', 'expected a known key; got `htp`'],
  ],
  'load-step-of-both.yaml': [[6, 102, 'UNKNOWN_KEY', 'expected a known key; got `think`']],
  'load-think-backwards.yaml': [[6, 72, 'WRONG_VALUE', 'expected `from` not to be more than `to`; got `2s`']],
  'load-json-and-body.yaml': [[6, 69, 'WRONG_VALUE', 'expected `json` or `body`; got both']],
  'load-reference-elsewhere.yaml': [
    [
      2,
      8,
      'BAD_REFERENCE',
      'expected `${load:NAME.accepted}` alone, and only in `value` or `change` of a check; got `${load:checkout.accepted} orders`',
    ],
  ],
  'load-success-nonsense.yaml': [
    [6, 68, 'WRONG_VALUE', 'expected a status such as `204`, `2xx` or `200-299`; got `9xx`'],
  ],
  'load-url-relative.yaml': [
    [6, 21, 'WRONG_VALUE', 'expected a URL such as `http://127.0.0.1:8080/health`; got `/checkout`'],
  ],
  'look-back-without-prometheus.yaml': [
    [
      16,
      24,
      'CONTRADICTION',
      'expected judged metrics that come from Prometheus only; `checkout errors` has no past to look back on',
    ],
  ],
  'metrics-of-metrics.yaml': [
    [12, 36, 'CYCLE', 'expected metrics that are not made of each other; got `first` → `second` → `first`'],
    [13, 30, 'CYCLE', 'expected metrics that are not made of each other; got `itself` → `itself`'],
    [14, 32, 'UNKNOWN_REFERENCE', 'expected the name of another metric; got `faild`'],
    [15, 34, 'CONTRADICTION', 'expected metrics of one unit: `slow` is a duration, `orders` is a rate'],
    [16, 12, 'WRONG_VALUE', 'expected `of` beside `share`: the metric that is the whole; it is missing; got nothing'],
    [17, 25, 'WRONG_VALUE', 'expected one of `ratio`, `difference`, `sum` and `share`; got `ratio` too'],
    [18, 11, 'WRONG_VALUE', 'expected one of `ratio`, `difference`, `sum` and `share`; got none of them'],
    [19, 51, 'CONTRADICTION', 'expected at least `5s`: `slow` has no new value more often'],
    [20, 73, 'WRONG_UNIT', '`unit` is a rate: expected a rate such as `100/s`, `90/m`; got `40%`'],
  ],
  'minimum-traffic-missing.yaml': [
    [
      1,
      1,
      'MISSING',
      'expected `minimumTraffic`: `errors` counts traffic that is not ours, and without traffic it says nothing; it is missing',
    ],
  ],
  'minimum-traffic-of-nothing.yaml': [
    [12, 1, 'CONTRADICTION', 'expected a metric that tells how much traffic there is; there is none'],
  ],
  'missing-fault-name.yaml': [[12, 5, 'MISSING', 'expected `name`: a name; it is missing']],
  'missing-faults.yaml': [[1, 1, 'MISSING', 'expected `faults`: at least one fault; there is none']],
  'missing-for.yaml': [[12, 5, 'MISSING', 'expected `for`: a duration such as `200ms`, `5s`, `2m`; it is missing']],
  'missing-rate.yaml': [[6, 3, 'MISSING', 'expected `rate`: a rate such as `100/s`, `90/m`; it is missing']],
  'missing-steady-state.yaml': [[1, 1, 'NOTHING_JUDGED', 'expected a metric that is judged; nothing would be judged']],
  'missing-title.yaml': [[1, 1, 'MISSING', 'expected `title`: a text; it is missing']],
  'missing-version.yaml': [
    [1, 1, 'MISSING', 'expected `version`: `1`, the version of the format that this Firedrill reads; it is missing'],
  ],
  'not-a-mapping.yaml': [[1, 1, 'WRONG_TYPE', 'expected an experiment: a mapping with `version`, `title`, …']],
  'not-utf8.yaml': [[1, 1, 'UNREADABLE', 'expected UTF-8 text; got bytes that are not UTF-8']],
  'nothing-judged.yaml': [[7, 1, 'NOTHING_JUDGED', 'expected a metric that is judged; nothing would be judged']],
  'nul-character.yaml': [[1, 1, 'UNREADABLE', 'expected text; got a file with NUL characters']],
  'objective-of-a-latency.yaml': [
    [17, 18, 'CONTRADICTION', 'expected a metric that is a share of bad events; `latency` is none'],
  ],
  'objective-of-everything.yaml': [
    [17, 35, 'WRONG_VALUE', 'expected a promise below 100%: there would be no error budget; got `100%`'],
  ],
  'only-comments.yaml': [[1, 1, 'UNREADABLE', 'expected a file with something in it; got an empty one']],
  'prometheus-bad-without-total.yaml': [[10, 39, 'WRONG_VALUE', 'expected `total` beside `bad`; got none']],
  'prometheus-le.yaml': [
    [10, 91, 'WRONG_VALUE', 'expected another label than `le`: the buckets together make the quantile; got `le`'],
    [
      10,
      101,
      'WRONG_VALUE',
      'expected no `unit` but `ms` for a histogram of `_seconds_bucket`: it is shown in ms; got `bytes`',
    ],
  ],
  'prometheus-no-buckets.yaml': [
    [10, 43, 'WRONG_VALUE', 'expected the `_bucket` series of a classic histogram; got `latency_seconds`'],
  ],
  'prometheus-no-form.yaml': [
    [10, 17, 'WRONG_VALUE', 'expected what to read: `query`, `rate`, `value`, `bad`, `buckets`; got none'],
  ],
  'prometheus-quantile-without-buckets.yaml': [
    [10, 64, 'WRONG_VALUE', 'expected `buckets` beside `quantile`; got none'],
  ],
  'prometheus-range.yaml': [
    [
      10,
      41,
      'WRONG_VALUE',
      'expected a metric name with optional labels such as `orders_total{job="shop"}`: its raw samples are read and calculated with here (a calculation of your own is a `query`); got a range: `queue{q="a"}[5m]`',
    ],
  ],
  'prometheus-rate-of-a-rate.yaml': [
    [
      10,
      40,
      'WRONG_VALUE',
      'expected a metric name with optional labels such as `orders_total{job="shop"}`: its raw samples are read and calculated with here (a calculation of your own is a `query`); got a calculation: `rate(orders_total[5m])`',
    ],
  ],
  'prometheus-two-forms.yaml': [
    [10, 61, 'WRONG_VALUE', 'expected one of `query`, `rate`, `value`, `bad`, `buckets`; got `rate` and `value`'],
  ],
  'prometheus-unit-of-a-rate.yaml': [
    [10, 60, 'WRONG_VALUE', 'expected no `unit` beside `rate`: it is per second; got `bytes`'],
  ],
  'rate-without-unit.yaml': [[6, 61, 'WRONG_UNIT', 'expected a rate such as `100/s`, `90/m`; got `50`']],
  'recovery-after-the-window.yaml': [
    [16, 31, 'CONTRADICTION', 'expected at most the recovery window: nothing is measured after it'],
  ],
  'redraw-without-select.yaml': [[16, 46, 'CONTRADICTION', 'expected targets to draw from; none of them is drawn']],
  'reference-not-closed.yaml': [[6, 21, 'BAD_REFERENCE', 'expected a `}` after `${`; got none']],
  'reference-of-unknown-kind.yaml': [
    [6, 21, 'BAD_REFERENCE', 'expected `${var:…}`, `${env:…}` or `${secret:…}`; got `${evn:BASE}`'],
  ],
  'repeat-faster-than-for.yaml': [
    [16, 22, 'CONTRADICTION', 'expected repeats that do not overlap: `every` is shorter than what is repeated'],
  ],
  'repeat-once.yaml': [[16, 34, 'WRONG_VALUE', 'expected at least 2; got `1`']],
  'same-target-twice.yaml': [[14, 26, 'DUPLICATE_NAME', 'expected each target once; got `inventory` again']],
  'secret-malformed.yaml': [
    [6, 79, 'BAD_REFERENCE', 'expected `${secret:env:NAME}` or `${secret:file:PATH}`; got `${secret:DB_URL}`'],
  ],
  'select-count-zero.yaml': [[4, 59, 'WRONG_VALUE', 'expected at least 1; got `0`']],
  'select-nonsense.yaml': [[4, 50, 'WRONG_VALUE', 'expected `all` or a mapping; got `some`']],
  'settles-too-late.yaml': [
    [10, 44, 'CONTRADICTION', 'expected less than the longest `for`: the metric would never be judged during a fault'],
  ],
  'share-above-hundred.yaml': [[16, 21, 'WRONG_VALUE', 'expected at most 100%; got `150%`']],
  'share-without-percent.yaml': [[16, 21, 'WRONG_UNIT', 'expected a share such as `20%`, `0.5%`; got `0.5`']],
  'steps-of-different-length.yaml': [[16, 36, 'CONTRADICTION', 'expected 2 values as in the other lists; got 3']],
  'steps-of-unknown-parameter.yaml': [[16, 14, 'UNKNOWN_KEY', 'expected a known key; got `dealy`']],
  'steps-with-a-wrong-value.yaml': [
    [16, 28, 'WRONG_UNIT', 'expected a duration such as `200ms`, `5s`, `2m`; got `100`'],
  ],
  'switchback-all-washout.yaml': [[16, 49, 'CONTRADICTION', 'expected `washout` to be shorter than a block']],
  'switchback-few-blocks.yaml': [[17, 33, 'WRONG_VALUE', 'expected at least 10; got `8`']],
  'switchback-of-an-event.yaml': [
    [
      14,
      5,
      'CONTRADICTION',
      'expected a fault that holds until it is undone beside `design: {switchback: …}`; `kill` happens once',
    ],
    [16, 5, 'CONTRADICTION', 'expected no `after` beside `design: {switchback: …}`: the blocks say when it is on'],
  ],
  'switchback-with-for.yaml': [
    [15, 5, 'CONTRADICTION', 'expected no `for` beside `design: {switchback: …}`: a block says how long it holds'],
    [
      16,
      11,
      'NOTHING_JUDGED',
      'expected a metric with a `deviation` and no `tolerance`: blocks are compared with each other',
    ],
  ],
  'targets-as-text.yaml': [[14, 14, 'WRONG_TYPE', 'expected a list; got `inventory`']],
  'targets-missing.yaml': [[12, 5, 'MISSING', 'expected `targets`: at least one name of a target; it is missing']],
  'title-as-number.yaml': [[2, 8, 'WRONG_TYPE', 'expected a text; got `42`']],
  'title-empty.yaml': [[2, 8, 'WRONG_VALUE', 'expected a text; got an empty one']],
  'tolerance-contradicts-itself.yaml': [
    [10, 5, 'CONTRADICTION', 'expected bounds that a value can keep to; got bounds that exclude each other'],
  ],
  'tolerance-empty.yaml': [
    [10, 16, 'WRONG_VALUE', 'expected `below`, `above`, `equals`, `atLeast`, `atMost` or `between`; got none of them'],
  ],
  'tolerance-in-another-unit.yaml': [
    [10, 25, 'WRONG_UNIT', '`checkout errors` is a share: expected a share such as `20%`, `0.5%`; got `400ms`'],
  ],
  'tolerance-latency-as-number.yaml': [
    [
      10,
      25,
      'WRONG_UNIT',
      '`checkout errors` is a duration: expected a duration such as `200ms`, `5s`, `2m`; got `400`',
    ],
  ],
  'tolerance-throughput-as-share.yaml': [
    [10, 25, 'WRONG_UNIT', '`checkout errors` is a rate: expected a rate such as `100/s`, `90/m`; got `5%`'],
  ],
  'too-many-injections.yaml': [
    [
      11,
      1,
      'TOO_MANY',
      'expected at most 1000 injections in all: nobody looks through more; got 1001, 1000 of them by `slow` (5 steps × 200 times)',
    ],
  ],
  'unknown-driver.yaml': [[4, 16, 'UNKNOWN_KEY', 'expected a known key; got `dokcer`']],
  'unknown-fault.yaml': [[13, 5, 'UNKNOWN_KEY', 'expected a known key; got `puase`']],
  'unknown-key-in-load.yaml': [[6, 67, 'UNKNOWN_KEY', 'expected a known key; got `timout`']],
  'unknown-key-in-metric.yaml': [[10, 5, 'UNKNOWN_KEY', 'expected a known key; got `tolerence`']],
  'unknown-key-snake-case.yaml': [[7, 1, 'UNKNOWN_KEY', 'expected a known key; got `steady_state`']],
  'unknown-key-top-level.yaml': [[11, 1, 'UNKNOWN_KEY', 'expected a known key; got `fautls`']],
  'unknown-load.yaml': [[9, 17, 'UNKNOWN_REFERENCE', 'expected the name of a load; got `chekout`']],
  'unknown-measure.yaml': [
    [
      9,
      36,
      'WRONG_VALUE',
      'expected one of `latency.p50`, `latency.p90`, `latency.p95`, `latency.p99`, `latency.max`, `latency.mean`, `errors.ratio`, `errors.rate`, `throughput`, `capacity`; got `errors.raito`',
    ],
  ],
  'unknown-metric-in-guard.yaml': [
    [16, 21, 'UNKNOWN_REFERENCE', 'expected the name of a metric; got `checkout error`'],
  ],
  'unknown-parameter-of-fault.yaml': [[13, 13, 'UNKNOWN_KEY', 'expected a known key; got `sginal`']],
  'unknown-probe.yaml': [[9, 5, 'UNKNOWN_KEY', 'expected a known key; got `loaad`']],
  'unknown-source.yaml': [[9, 25, 'UNKNOWN_REFERENCE', 'expected the name of a Prometheus source; got `metrics`']],
  'unknown-target.yaml': [[14, 15, 'UNKNOWN_REFERENCE', 'expected the name of a target; got `inventori`']],
  'utf16.yaml': [[1, 1, 'UNREADABLE', 'expected UTF-8 text; got UTF-16']],
  'variable-misspelt.yaml': [[6, 21, 'UNKNOWN_REFERENCE', 'expected a declared variable; got `bas`']],
  'variable-undeclared.yaml': [[6, 21, 'UNKNOWN_REFERENCE', 'expected a declared variable; got `base`']],
  'variables-in-a-circle.yaml': [
    [16, 32, 'BAD_REFERENCE', 'expected variables that do not need each other; got a → b → a'],
  ],
  'version-as-text.yaml': [
    [1, 10, 'WRONG_VALUE', 'expected `1`, the version of the format that this Firedrill reads; got `"1"`'],
  ],
  'version-of-the-future.yaml': [
    [1, 10, 'WRONG_VALUE', 'expected `1`, the version of the format that this Firedrill reads; got `2`'],
  ],
  'where-not-a-regex.yaml': [[4, 77, 'WRONG_VALUE', 'expected a regular expression; got `(`: missing closing ): `(`']],
  'yaml-1-1.yaml': [[1, 1, 'UNSUPPORTED_YAML', 'expected YAML 1.2; got a `%YAML 1.1` directive']],
  'yaml-alias-bomb.yaml': [
    [1, 16, 'TOO_COMPLEX', 'expected at most 20000 values (aliases counted where they are used)'],
  ],
  'yaml-alias-of-itself.yaml': [[16, 20, 'TOO_COMPLEX', 'expected at most 60 levels of nesting']],
  'yaml-duplicate-key.yaml': [[16, 1, 'DUPLICATE_KEY', 'expected each key once; got `title` again (first on line 2)']],
  'yaml-list-as-key.yaml': [[16, 14, 'UNSUPPORTED_YAML', 'expected a text as key; got something else']],
  'yaml-merge-key.yaml': [[5, 12, 'UNSUPPORTED_YAML', 'expected a key; got a merge key `<<`, which is not supported']],
  'yaml-not-a-number.yaml': [[10, 25, 'WRONG_VALUE', 'expected a finite number; got `NaN`']],
  'yaml-number-as-key.yaml': [[16, 14, 'UNSUPPORTED_YAML', 'expected a text as key; got `1`']],
  'yaml-prototype-key.yaml': [[16, 14, 'UNKNOWN_KEY', 'expected another key; got `__proto__`']],
  'yaml-second-document.yaml': [[16, 1, 'UNSUPPORTED_YAML', 'expected one document; got a second one after `---`']],
  'yaml-tab.yaml': [[13, 1, 'SYNTAX', 'expected spaces as indentation; got a tab']],
  'yaml-tag.yaml': [[2, 8, 'UNSUPPORTED_YAML', 'expected plain values; got a YAML tag']],
  'yaml-too-deep.yaml': [[16, 252, 'TOO_COMPLEX', 'expected at most 60 levels of nesting']],
  'yaml-unclosed-bracket.yaml': [[14, 14, 'SYNTAX', 'expected a closing `]` before line 15; got none']],
  'yaml-unknown-alias.yaml': [[13, 12, 'SYNTAX', 'expected an anchor `&nothing` above; there is none']],
};
