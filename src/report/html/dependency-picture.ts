import type {DependenciesResult, ProvenDependency} from '../../verdict/result.js';
import {html} from './escape.js';

const [WIDTH, ROW, BOX, HIGH] = [900, 46, 220, 30];
/** Left edges of the columns: who depends, targets, what these depend on. */
const COLUMNS = [8, 340, 672] as const;
const HEADS = ['What depends', 'Targets of the file', 'What they connect to'] as const;
/** The table has all of them. */
const MOST_ROWS = 8;
const LONGEST = 28;

interface Node {
  readonly name: string;
  readonly metric: boolean;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: ProvenDependency['kind'] | 'seen';
  readonly label: string;
}

type Columns = readonly [readonly Node[], readonly Node[], readonly Node[]];

const cut = (text: string) => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`);
const metricKey = (name: string) => `metric ${name}`;
const keyOf = ({name, metric}: Node) => (metric ? metricKey(name) : name);

function columnsOf({seen, proven}: DependenciesResult): Columns {
  const targets = new Set([
    ...proven.flatMap(({on}) => on),
    ...seen.map(({way, from, to}) => (way === 'to' ? from : to)),
  ]);
  const named = (names: Iterable<string>, metric: boolean): readonly Node[] =>
    [...new Set(names)].filter(name => metric || !targets.has(name)).map(name => ({name, metric}));
  const peers = (way: 'to' | 'from') =>
    seen.filter(one => one.way === way).map(({from, to}) => (way === 'to' ? to : from));
  const before = new Set(peers('from'));
  const left = [
    ...named(
      proven.map(({metric}) => metric),
      true,
    ),
    ...named(before, false),
  ];
  // Whoever both calls a target and is called by one stands where it calls.
  const right = named(peers('to'), false).filter(({name}) => !before.has(name));
  const middle = [...targets].map(name => ({name, metric: false}));
  return [left.slice(0, MOST_ROWS), middle.slice(0, MOST_ROWS), right.slice(0, MOST_ROWS)];
}

function edgesOf({seen, proven}: DependenciesResult): readonly Edge[] {
  return [
    ...seen.map(({from, to, port}): Edge => ({from, to, kind: 'seen', label: `:${port}`})),
    ...proven.flatMap(({metric, on, kind}) => on.map((to): Edge => ({from: metricKey(metric), to, kind, label: kind}))),
  ];
}

interface Placed {
  readonly column: number;
  readonly x: number;
  readonly y: number;
}

function drawnEdge({kind, label}: Edge, from: Placed, to: Placed): string {
  const isLevel = from.column === to.column;
  const isBack = from.column > to.column;
  const x1 = from.x + (isBack ? 0 : BOX);
  const x2 = isLevel ? to.x + BOX : to.x + (isBack ? BOX : 0);
  const [y1, y2] = [from.y + HIGH / 2, to.y + HIGH / 2];
  const bend = isLevel ? 60 : (x2 - x1) / 2;
  const path = `M${x1} ${y1} C${x1 + bend} ${y1} ${isLevel ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`;
  // Close to where the line begins, where each has room of its own.
  const at = isBack ? x1 - 6 : x1 + 6;
  const anchor = isBack ? ' text-anchor="end"' : '';
  // It points to the left where the line comes from the right.
  const tip = isLevel || isBack ? 7 : -7;
  const arrow = `<polygon class="arrow ${kind}" points="${x2},${y2} ${x2 + tip},${y2 - 4} ${x2 + tip},${y2 + 4}"/>`;
  return `<path class="edge ${kind}" d="${path}"/>${arrow}<text class="edge-label" x="${at}" y="${y1 - 4}"${anchor}>${html(label)}</text>`;
}

function drawnNode({name, metric}: Node, {x, y}: Placed): string {
  const round = metric ? HIGH / 2 : 3;
  return (
    `<g class="node ${metric ? 'metric' : 'thing'}"><title>${html(name)}</title>` +
    `<rect x="${x}" y="${y}" width="${BOX}" height="${HIGH}" rx="${round}"/>` +
    `<text x="${x + 10}" y="${y + HIGH / 2 + 4}">${html(cut(name))}</text></g>`
  );
}

/**
 * Who is connected with whom, and which metric was proven to need what: a picture of what the tables below it say, so
 * that a screen reader loses nothing. Without a script.
 */
export function dependencyPicture(dependencies: DependenciesResult): string {
  const columns = columnsOf(dependencies);
  const placed = new Map<string, Placed>();
  columns.forEach((nodes, column) =>
    nodes.forEach((node, row) => placed.set(keyOf(node), {column, x: COLUMNS[column] ?? 0, y: 28 + row * ROW})),
  );
  const drawn = new Set<string>();
  const edges = edgesOf(dependencies).flatMap(edge => {
    const [from, to] = [placed.get(edge.from), placed.get(edge.to)];
    const key = JSON.stringify(edge);
    if (from === undefined || to === undefined || drawn.has(key)) return [];
    drawn.add(key);
    return [drawnEdge(edge, from, to)];
  });
  const nodes = columns.flat().flatMap(node => {
    const at = placed.get(keyOf(node));
    return at === undefined ? [] : [drawnNode(node, at)];
  });
  const heads = HEADS.map((head, i) =>
    columns[i]?.length === 0 ? '' : `<text x="${COLUMNS[i] ?? 0}" y="14">${html(head)}</text>`,
  );
  const height = 28 + Math.max(...columns.map(({length}) => length)) * ROW;
  const label = 'Dependencies as a picture; the tables below it say the same';
  const svg = `<svg class="dependencies" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${heads.join('')}${edges.join('')}${nodes.join('')}</svg>`;
  return `<div class="scroll" role="region" tabindex="0" aria-label="Picture of the dependencies">${svg}</div>`;
}
