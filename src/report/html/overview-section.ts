import {capital} from '../../verdict/phrase.js';
import type {Result} from '../../verdict/result.js';
import {say} from '../../verdict/time.js';
import {hypothesisOf, summary, tone, utc} from '../document.js';
import {firstAction, foremostMetric, safety, tiles, worstFinding, type Tile} from '../overview.js';
import {figureOf} from './charts-section.js';
import {html} from './escape.js';

function facts(result: Result): string {
  const {startedAt, durationSeconds, owner, host, exit, run} = result;
  const said = [
    `Draft`,
    `Started ${utc(startedAt)}`,
    `Took ${say(durationSeconds)}`,
    `Owner: ${owner ?? 'not set'}`,
    `Exit code ${exit}`,
    `Run ${run} on ${host}`,
  ];
  return `<ul class="facts">${said.map(text => `<li>${html(text)}</li>`).join('')}</ul>`;
}

function banner(result: Result): string {
  const {label, text} = result.banner;
  const severity = result.severity === null ? '' : `<span class="badge">${result.severity}</span>`;
  const safe = safety(result);
  const back = safe === undefined ? '' : `<span class="badge ${safe.tone}">${html(safe.text)}</span>`;
  return (
    `<div class="banner ${tone(result)}" role="status"><p class="verdict-line"><strong>${html(label)}</strong>${severity}${back}</p>` +
    `<p>${html(capital(text))}</p></div>`
  );
}

function tile({name, before, value, note, tone}: Tile): string {
  const from = before === undefined ? '' : `<span class="from">${html(before)} <span aria-label="to">→</span> </span>`;
  return `<div class="tile ${tone}"><dt>${html(name)}</dt><dd>${from}<b>${html(value)}</b></dd><dd class="note">${html(note)}</dd></div>`;
}

/** The one chart that tells most, with what is allowed and when it was left. */
function chart(result: Result): string {
  const metric = foremostMetric(result);
  return metric === undefined ? '' : figureOf(result.metrics.indexOf(metric), result, 'foremost');
}

function next(result: Result): string {
  const finding = worstFinding(result);
  const action = firstAction(result);
  const what =
    finding === undefined
      ? '<p>Nothing was found that has to be repaired.</p>'
      : `<h3>${finding.severity}: ${html(finding.title)}</h3>${finding.factors
          .slice(0, 1)
          .map(factor => `<p>Perhaps because: ${html(factor)}</p>`)
          .join('')}`;
  const first =
    action === undefined || finding === undefined
      ? ''
      : `<p class="first"><span>First</span> ${html(action.what)} <span class="owner">${action.priority}, owner: to be assigned</span></p>`;
  const more = result.findings.length === 0 ? '' : '<p><a href="#findings">All findings</a></p>';
  return `<div class="next"><h2 id="next">What to do first</h2>${what}${first}${more}</div>`;
}

/** The first screen: verdict, figures, the chart that tells most, and what to do first. */
export function overviewSection(result: Result): string {
  const [what, ...rest] = summary(result);
  const told = result.verdict === null ? [what, ...rest] : [what];
  return (
    `<header><p class="kicker">Chaos experiment, postmortem draft</p><h1>${html(result.title)}</h1>` +
    `<p class="expected"><b>Expected:</b> ${html(hypothesisOf(result))}</p>${banner(result)}` +
    `<p class="injected">${html(told.join(' '))}</p>` +
    `<dl class="tiles">${tiles(result).map(tile).join('')}</dl>` +
    `<div class="first-look">${chart(result)}${next(result)}</div>${facts(result)}</header>`
  );
}
