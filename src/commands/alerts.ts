import * as Flags from '@oclif/core/flags';
import {proofOf, type AlertProof} from '../history/proven-alerts.js';
import {listRuns} from '../history/runs.js';
import {formatDuration} from '../quantities/duration.js';
import {printableProse} from '../quantities/printable.js';
import {rulesOf, type FoundRule} from '../signals/alerts/rules.js';
import {serverOf} from '../signals/probes/prometheus/open-server.js';
import {FiredrillError} from '../system/error.js';
import {table, wrap} from '../terminal/text.js';
import {say} from '../verdict/time.js';
import {FiredrillCommand} from './base.js';
import {FAULT_PAGE, readSections, sectionOf} from './reference/page.js';
import {skeleton, whereIn} from './reference/skeleton.js';
import {runsDirFlag} from './runs-folder.js';

const LOOK_MS = 10_000;
const DAY_MS = 86_400_000;

interface Audited {
  readonly rule: FoundRule;
  readonly proof: AlertProof;
}

export class Alerts extends FiredrillCommand {
  static description =
    'A rule is proven by a run that expects its alert (`expect.alerts`) and saw it fire in time, and be over in time where the file asks for that; the newest run counts. With --prove: an experiment to start from that would prove one.';
  static flags = {
    from: Flags.string({required: true, helpValue: 'URL', description: 'Address of the Prometheus server.'}),
    prove: Flags.string({helpValue: 'ALERT', description: 'Print an experiment that expects this alert.'}),
    fault: Flags.string({default: 'pause', helpValue: 'FAULT', description: 'With --prove: the fault in it.'}),
    'runs-dir': runsDirFlag,
    json: Flags.boolean({description: 'Print the rules as JSON.'}),
  };
  static examples = [
    '<%= config.bin %> alerts --from http://127.0.0.1:9090',
    '<%= config.bin %> alerts --from http://127.0.0.1:9090 --prove CheckoutSlow --fault network-latency',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Alerts);
    const {ports} = await this.machine();
    const rules = await readRules(flags.from, ports.ambient.reveal);
    if (flags.prove !== undefined) {
      await this.prove(rules, flags.prove, flags);
      return;
    }
    const runs = (await listRuns(flags['runs-dir'])).flatMap(({summary}) => summary ?? []);
    const audited = rules.map(rule => ({rule, proof: proofOf(rule.name, runs)}));
    if (flags.json) this.printJson(audited.map(asJson));
    else this.print(this.lines(audited, Date.parse(ports.clock.now().wall)));
  }

  private lines(audited: readonly Audited[], nowMs: number): readonly string[] {
    const {style, columns} = this.out;
    if (audited.length === 0) return ['The server has no alerting rule.'];
    const rows = audited.map(({rule, proof}) => [
      printableProse(rule.name),
      rule.health === 'ok' || rule.health === 'unknown' ? (rule.state ?? 'inactive') : style.red('broken'),
      formatDuration((rule.duration ?? 0) * 1000),
      proofWords(proof, nowMs),
    ]);
    const proven = audited.filter(({proof}) => proof.state === 'proven').length;
    const broken = audited.filter(({rule}) => (rule.lastError ?? '') !== '');
    return [
      ...table([['ALERT', 'NOW', 'FOR', 'PROVEN'].map(head => style.bold(head)), ...rows]),
      '',
      `${proven} of ${audited.length} alerting rules are proven by a run.`,
      ...(proven < audited.length ? ['An experiment that would prove one: --prove ALERT'] : []),
      ...broken.flatMap(({rule}) => wrap(printableProse(`${rule.name}: ${rule.lastError ?? ''}`), columns, '  ')),
    ];
  }

  private async prove(
    rules: readonly FoundRule[],
    alert: string,
    {from, fault}: {readonly from: string; readonly fault: string},
  ): Promise<void> {
    const rule = rules.find(({name}) => name === alert);
    if (rule === undefined) {
      const hint = `The server has: ${rules.map(({name}) => printableProse(name)).join(', ')}`;
      throw new FiredrillError('BAD_USAGE', `Expected the name of an alerting rule; got \`${alert}\`.`, {hint});
    }
    const section = sectionOf(await readSections(this.installed.root, FAULT_PAGE), fault, FAULT_PAGE);
    const withinMs = 1000 * (rule.duration ?? 0) + 2 * rule.everyMs + 30_000;
    this.print([
      ...skeleton(fault, section, whereIn(section)[0] ?? ''),
      '',
      '# Whether anybody would be told: the rule, its `for` and two evaluations, and half a minute.',
      `sources: { metrics: { prometheus: ${JSON.stringify(from)} } }`,
      'expect:',
      '  alerts:',
      `    - { alert: ${JSON.stringify(rule.name)}, from: metrics, when: always, within: ${formatDuration(withinMs)} }`,
    ]);
  }
}

/** @throws FiredrillError DRIVER_UNREACHABLE where the server does not answer with rules */
async function readRules(from: string, reveal: (text: string) => string): Promise<readonly FoundRule[]> {
  const hint = '`--from` is the address of a Prometheus server, such as `http://127.0.0.1:9090`.';
  if (!/^https?:\/\/[^\s/]/.test(from) || !URL.canParse(from))
    throw new FiredrillError('BAD_USAGE', `Expected a URL in \`--from\`; got \`${from}\`.`, {hint});
  const server = await serverOf('metrics', {sources: {metrics: {prometheus: from}}, reveal});
  try {
    const answer = await server.json('rules', {type: 'alert'}, AbortSignal.timeout(LOOK_MS));
    const rules = 'json' in answer ? rulesOf(answer.json) : undefined;
    if (rules !== undefined) return rules;
    const got = 'why' in answer ? answer.why : 'something else';
    throw new FiredrillError('DRIVER_UNREACHABLE', `Expected alerting rules from \`${from}\`; got: ${got}`, {hint});
  } finally {
    await server.close();
  }
}

function proofWords({state, by}: AlertProof, nowMs: number): string {
  if (by === undefined) return 'never';
  const {seen, run, startedAt} = by;
  const days = Math.floor((nowMs - Date.parse(startedAt)) / DAY_MS);
  const when = days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
  if (state === 'missed') return `missed ${when} (${seen.outcome.replaceAll('-', ' ')}), by ${run}`;
  const to = seen.receiver === null ? '' : ` to ${printableProse(seen.receiver)}`;
  const fired = seen.firedSeconds === null ? '' : `, fired${to} within ${say(seen.firedSeconds)}`;
  const over = seen.resolvedSeconds === null ? '' : `, over within ${say(seen.resolvedSeconds)}`;
  return `${when}${fired}${over}, by ${run}`;
}

function asJson({rule, proof}: Audited): object {
  const {name, state = 'inactive', duration = 0, health, everyMs, lastError = ''} = rule;
  const error = lastError === '' ? {} : {error: lastError};
  return {alert: name, now: state, health, ...error, forSeconds: duration, everySeconds: everyMs / 1000, proof};
}
