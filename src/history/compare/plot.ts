import {html} from '../../report/html/escape.js';
import type {ComparedSection, Figure} from './comparison.js';

const [WIDTH, LEFT, RIGHT, ROW, TOP] = [640, 190, 16, 26, 8];

const fixed = (value: number) => value.toFixed(1);

/** What is drawn of a figure: an end without a limit goes to the edge. */
function spanOf({limits}: Figure, low: number, high: number) {
  if (limits === null) return undefined;
  const {estimate, lower, upper} = limits;
  return {
    from: Math.max(low, lower),
    to: Math.min(high, upper),
    middle: Number.isFinite(estimate) ? estimate : undefined,
  };
}

/** From the lowest to the highest finite limit of all, zero included. */
function rangeOf(figures: readonly Figure[]): readonly [number, number] | undefined {
  const all = figures.flatMap(({limits}) => (limits === null ? [] : Object.values(limits))).filter(Number.isFinite);
  if (all.length === 0) return undefined;
  const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
  return high > low ? [low, high] : undefined;
}

/** Every run's figure with its interval on one line each, over one axis; empty where there is nothing to draw. */
export function intervalPlot({name, figures}: ComparedSection): string {
  const range = rangeOf(figures);
  if (range === undefined) return '';
  const [low, high] = range;
  const margin = (high - low) * 0.04;
  const [min, max] = [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
  const x = (value: number) => LEFT + ((value - min) / (max - min)) * (WIDTH - LEFT - RIGHT);
  const height = TOP * 2 + ROW * figures.length;
  const rows = figures.map((figure, i) => {
    const y = TOP + ROW * (i + 0.5);
    const label = `<text x="0" y="${fixed(y + 4)}">${html(figure.run)}</text>`;
    const span = spanOf(figure, min, max);
    if (span === undefined) return label;
    const line = `<line class="span" x1="${fixed(x(span.from))}" x2="${fixed(x(span.to))}" y1="${fixed(y)}" y2="${fixed(y)}"/>`;
    const dot =
      span.middle === undefined ? '' : `<circle class="dot" cx="${fixed(x(span.middle))}" cy="${fixed(y)}" r="5"/>`;
    const word = figure.against?.word === 'better' || figure.against?.word === 'worse' ? figure.against.word : 'plain';
    return `${label}<g class="${word}">${line}${dot}</g>`;
  });
  const zero = `<line class="zero" x1="${fixed(x(0))}" x2="${fixed(x(0))}" y1="0" y2="${height}"/>`;
  const said = figures.map(({run, surely}) => `${run}: ${surely}`).join('; ');
  return `<div class="plot"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${html(`${name}, with zero as a dashed line. ${said}`)}">${zero}${rows.join('')}</svg></div>`;
}
