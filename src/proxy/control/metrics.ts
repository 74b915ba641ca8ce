import type {StateView} from '../protocol.js';

/** The text that Prometheus scrapes. prom-client is only loaded when somebody asks. */
export async function renderMetrics({connections}: StateView): Promise<string> {
  const {Counter, Gauge, Registry} = await import('prom-client');
  // The numbers live in the data path; a registry of one scrape carries them over.
  const registry = new Registry();
  const metric = <L extends string>(name: string, help: string, labelNames: readonly L[]) => ({
    name: `firedrill_proxy_${name}`,
    help,
    labelNames,
    registers: [registry],
  });
  const open = new Gauge(metric('open_connections', 'TCP connections that are open now.', ['connection']));
  const accepted = new Counter(metric('accepted_total', 'TCP connections ever accepted.', ['connection']));
  const unreachable = new Counter(
    metric('unreachable_total', 'TCP connections whose upstream could not be reached.', ['connection']),
  );
  const bytes = new Counter(metric('bytes_total', 'Bytes that came in, by direction.', ['connection', 'direction']));
  const toxics = new Gauge(metric('toxic_in_force', '1 while the toxic is in force.', ['connection', 'toxic', 'type']));
  for (const {name: connection, ...view} of connections) {
    open.set({connection}, view.open);
    accepted.inc({connection}, view.accepted);
    unreachable.inc({connection}, view.unreachable);
    bytes.inc({connection, direction: 'upstream'}, view.bytes.upstream);
    bytes.inc({connection, direction: 'downstream'}, view.bytes.downstream);
    for (const {id, type} of view.toxics) toxics.set({connection, toxic: id, type}, 1);
  }
  return registry.metrics();
}
