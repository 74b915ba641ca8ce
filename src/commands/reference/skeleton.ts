import {cellsOf} from '../../terminal/markdown-lines.js';
import {wrap} from '../../terminal/text.js';

const EXAMPLE = /^Example on ([\w ]+):\n\n```yaml\n([\s\S]*?)```/gm;
const WIDTH = 118;

/** How each driver's targets are written, by the name of the target; what begins with `my` is to be replaced. */
const SELECTORS: Readonly<Record<string, (name: string) => string>> = {
  docker: name => `docker: my-${name}-container`,
  process: name => `process: { start: [my-${name}-program] }`,
  proxy: name => `proxy: { name: ${name.replace(/^to /, '')} }`,
  toxiproxy: name => `toxiproxy: { name: ${name.replace(/^to /, '')} }`,
  kubernetes: name =>
    name === 'deployment'
      ? 'kubernetes: { context: my-context, namespace: my-namespace, kind: deployment, name: my-deployment }'
      : 'kubernetes: { context: my-context, namespace: my-namespace, labels: { app: my-app } }',
};

/** Whose targets the examples of a fault hit, in the order of the page. */
export function whereIn(section: string): readonly string[] {
  return [...new Set([...section.matchAll(EXAMPLE)].map(([, on = '']) => on))];
}

function exampleOn(section: string, on: string): string {
  const found = [...section.matchAll(EXAMPLE)].find(([, where]) => where === on);
  return found?.[2] ?? '';
}

/** The parameters of a fault on a driver, each as a comment. */
function parameterLines(section: string, on: string): readonly string[] {
  const parts = section.split(/^(?=Parameters)/m).slice(1);
  const own =
    parts.find(part => part.split('\n', 1)[0]?.includes(on)) ?? parts.find(part => !part.startsWith('Parameters on'));
  const rows = (own ?? '').split('\n').filter(line => line.startsWith('|'));
  return rows.slice(2).flatMap(row => {
    const [key = '', value = '', usual = '', meaning = ''] = cellsOf(row).map(cell =>
      cell.replaceAll('`', '').replaceAll('\\|', '|'),
    );
    const said = usual === '' || usual === 'required' ? usual : `default ${usual}`;
    const head = `${key}: ${value}${said === '' ? '' : ` (${said})`}`;
    return [`    # ${head}`, ...wrap(meaning, WIDTH, '    #   ')];
  });
}

/**
 * An experiment file with the fault as the example of its page has it, on a driver, and placeholders for what is
 * somebody's own.
 */
export function skeleton(fault: string, section: string, on: string): readonly string[] {
  const example = exampleOn(section, on);
  const title = /^title: (.*)$/m.exec(example)?.[1] ?? fault;
  // A change is seen within a minute; the examples are shorter, because they are judged by their tolerances alone.
  const entry = (/^faults:\n([\s\S]*)$/m.exec(example)?.[1]?.trimEnd() ?? '')
    .replace(/^( +for: ).*$/m, (_, key: string) => `${key}60s`)
    .replaceAll(/\$\{var:\w+\}/g, '8080');
  const names = ['gateway', 'checkout', 'to inventory', 'to store', 'inventory', 'store', 'pods', 'deployment'];
  const used = names.filter(name => new RegExp(`[[ "]${name}[\\],}"]`).test(entry));
  const selector = SELECTORS[on];
  const targets =
    selector === undefined || used.length === 0
      ? []
      : ['', 'targets:', ...used.map(name => `  ${name}: { ${selector(name)} }`)];
  return [
    'version: 1',
    `title: ${title}`,
    'hypothesis: WHAT SHOULD STILL BE TRUE WHILE IT LASTS, AND WHAT COMES BACK AFTERWARDS',
    ...targets,
    '',
    '# The traffic that makes the steady state visible, and what must stay true of it.',
    'load:',
    '  users: { http: "http://127.0.0.1:8080/", rate: 20/s }',
    'steadyState:',
    '  errors: { load: { of: users, measure: errors.ratio }, tolerance: { below: 1% } }',
    '  latency: { load: { of: users, measure: latency.p95 }, deviation: { by: 50% } }',
    '',
    'windows: { warmup: 5s, baseline: 2m, recovery: 2m }',
    '',
    'faults:',
    ...entry.split('\n'),
    `    # All that \`${fault}\` can have here (\`firedrill faults ${fault}\` tells how it works and how it is undone):`,
    ...parameterLines(section, on),
    '',
    '# Stops the run, and puts everything back, as soon as it hurts more than you want to allow.',
    'guards:',
    '  - { metric: errors, above: 50%, for: 5s }',
  ];
}
