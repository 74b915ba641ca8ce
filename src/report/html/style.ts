/** The report's style sheet: calm, readable on paper and on screens of every width, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2430; --muted: #566070; --rule: #dfe3e9; --soft: #f5f7fa; --link: #0b57b0;
  --good: #1a6b3c; --good-soft: #e8f5ec; --bad: #a8281e; --bad-soft: #fcebe9; --unsure: #7a5200; --unsure-soft: #fdf3dc;
  --band-baseline: rgba(86, 96, 112, 0.10); --band-transition: rgba(86, 96, 112, 0.28);
  --band-on: rgba(200, 60, 40, 0.13); --band-settling: rgba(86, 96, 112, 0.20); --band-recovery: rgba(30, 130, 80, 0.12); --bound: #a8281e;
  --line-0: #1f5fbf; --line-1: #b0621a; --line-2: #2f7d5b; --line-3: #7a4bb0; --line-4: #a3325f; --line-5: #4f6470;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181f; --ink: #e6e9ee; --muted: #a3adba; --rule: #323a46; --soft: #1c222b; --link: #86b7f5;
    --good: #7fd19b; --good-soft: #17301f; --bad: #ff9d90; --bad-soft: #3a1d1a; --unsure: #f0c469; --unsure-soft: #362a10;
    --band-baseline: rgba(163, 173, 186, 0.13); --band-transition: rgba(163, 173, 186, 0.32);
    --band-on: rgba(255, 110, 90, 0.17); --band-settling: rgba(163, 173, 186, 0.24); --band-recovery: rgba(90, 200, 130, 0.15); --bound: #ff9d90;
    --line-0: #7db2ff; --line-1: #f0a860; --line-2: #74cfa2; --line-3: #c3a0f0; --line-4: #f08cb4; --line-5: #aebbc6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 74rem; margin: 0 auto; padding: 1.4rem 1.5rem 4rem; }
nav { display: none; } nav ol { list-style: none; margin: 0; padding: 0; font-size: 0.875rem; } nav a { display: block; padding: 0.25rem 0; color: var(--muted); text-decoration: none; } nav a:hover { color: var(--link); text-decoration: underline; }
@media (min-width: 78rem) {
  body { display: grid; grid-template-columns: 12rem minmax(0, 74rem); justify-content: center; gap: 0 1rem; }
  nav { display: block; position: sticky; top: 0; align-self: start; padding: 2rem 0 2rem 1.5rem; } main { margin: 0; width: 100%; }
}
.kicker { margin: 0; color: var(--muted); font-size: 0.875rem; letter-spacing: 0.02em; }
h1 { margin: 0.1rem 0 0.5rem; font-size: 1.75rem; line-height: 1.2; font-weight: 650; text-wrap: balance; }
h2 { margin: 2.2rem 0 0.7rem; padding-top: 0.6rem; border-top: 1px solid var(--rule); scroll-margin-top: 0.5rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 1.4rem 0 0.4rem; font-size: 1.02rem; line-height: 1.35; font-weight: 650; }
p { margin: 0.5rem 0; } ul { margin: 0.5rem 0; padding-left: 1.2rem; } li { margin: 0.3rem 0; }
h1, h2, h3, p, li, dd { overflow-wrap: anywhere; } td, th { overflow-wrap: break-word; }
code { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--soft); padding: 0.1em 0.35em; border-radius: 3px; overflow-wrap: anywhere; }
.banner { padding: 0.8rem 1.1rem; border-left: 6px solid currentColor; border-radius: 4px; margin: 0.7rem 0; }
.banner p { margin: 0.2rem 0 0; color: var(--ink); font-size: 1.08rem; line-height: 1.4; } .banner .verdict-line { margin: 0; display: flex; flex-wrap: wrap; gap: 0.3rem 0.7rem; align-items: center; color: inherit; }
.banner strong { font-size: 1.05rem; letter-spacing: 0.06em; }
.badge { font-size: 0.8125rem; font-weight: 600; padding: 0.05rem 0.6rem; border: 1px solid currentColor; border-radius: 1rem; }
.good { color: var(--good); background: var(--good-soft); } .bad { color: var(--bad); background: var(--bad-soft); } .unsure { color: var(--unsure); background: var(--unsure-soft); }
.expected, .injected { margin: 0.4rem 0; } .expected b { font-weight: 600; } .injected { color: var(--muted); font-size: 0.9375rem; }
ul.facts { display: flex; flex-wrap: wrap; gap: 0 1.4rem; margin: 1rem 0 0; padding: 0.6rem 0 0; list-style: none; color: var(--muted); font-size: 0.8125rem; border-top: 1px solid var(--rule); } ul.facts li { margin: 0.1rem 0; }
dl.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.6rem; margin: 0.8rem 0; }
.tile { padding: 0.5rem 0.8rem; background: var(--soft); color: var(--ink); border-radius: 4px; border-top: 3px solid var(--rule); }
.tile.good { border-color: var(--good); } .tile.bad { border-color: var(--bad); } .tile.unsure { border-color: var(--unsure); }
.tile dt { color: var(--muted); font-size: 0.8125rem; } .tile dd { margin: 0; font-variant-numeric: tabular-nums; } .tile b { font-size: 1.35rem; font-weight: 650; line-height: 1.3; white-space: nowrap; } .tile .from { color: var(--muted); white-space: nowrap; } .tile dd.note { color: var(--muted); font-size: 0.8125rem; line-height: 1.35; }
.first-look { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 3fr); gap: 0 2rem; align-items: start; } .first-look > :only-child { grid-column: 1 / -1; }
.first-look figure { margin: 0; } .next h2, .foremost h2 { margin: 0; padding: 0; border: 0; font-size: 1.05rem; } .next h3 { margin: 0.5rem 0 0.3rem; } .next p { font-size: 0.9375rem; }
.next .first { padding: 0.6rem 0.8rem; background: var(--soft); border-radius: 4px; } .first span:first-child { font-weight: 650; } .first .owner { display: inline-block; margin-top: 0.3rem; padding: 0 0.5rem; border-radius: 3px; font-size: 0.8125rem; }
.scroll { overflow-x: auto; margin-bottom: 1.2rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th, td { padding: 0.45rem 1.1rem 0.45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { color: var(--muted); font-weight: 550; font-size: 0.8125rem; white-space: nowrap; } tbody th { font-weight: 550; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.source { color: var(--muted); font-size: 0.8125rem; white-space: nowrap; }
.verdict { font-weight: 600; white-space: nowrap; } .verdict.held { color: var(--good); } .verdict.deviated { color: var(--bad); } .verdict.inconclusive { color: var(--unsure); }
.verdict.none { color: var(--muted); font-weight: 400; }
.owner { background: var(--unsure-soft); color: var(--unsure); font-weight: 550; white-space: nowrap; padding-left: 0.6rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 0 2rem; } figure { min-width: 0; margin: 1rem 0 1.6rem; content-visibility: auto; contain-intrinsic-size: auto 26rem; } figcaption h3 { margin-top: 0; } figcaption p { margin-top: 0; color: var(--muted); }
.chart svg { display: block; width: 100%; height: auto; } .chart.live > svg { display: none; }
svg text { fill: var(--muted); font: 12px system-ui, sans-serif; } svg .band-label { font-size: 11px; }
svg .grid { stroke: var(--rule); } svg .tolerance { stroke: var(--bound); stroke-width: 1.5; stroke-dasharray: 6 4; }
svg.dependencies { width: 100%; min-width: 40rem; max-width: 900px; height: auto; } svg .node rect { fill: var(--soft); stroke: var(--rule); } svg .node.metric rect { fill: var(--paper); stroke: var(--muted); } svg .node text { fill: var(--ink); font-size: 13px; }
svg .edge { fill: none; stroke: var(--muted); stroke-width: 1.2; } svg .edge.hard { stroke: var(--bad); stroke-width: 3; } svg .edge.degrading { stroke: var(--bad); stroke-width: 1.6; stroke-dasharray: 7 4; } svg .edge.soft { stroke: var(--good); stroke-width: 1.6; } svg .edge.open { stroke: var(--unsure); stroke-width: 1.6; stroke-dasharray: 2 4; } svg .edge-label { font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 4px; } svg .arrow { fill: var(--muted); } svg .arrow.hard, svg .arrow.degrading { fill: var(--bad); } svg .arrow.soft { fill: var(--good); } svg .arrow.open { fill: var(--unsure); }
svg .mark { stroke: var(--ink); stroke-dasharray: 2 3; } svg .mark-label { font-size: 11px; fill: var(--ink); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .band.baseline { fill: var(--band-baseline); } svg .band.transition { fill: var(--band-transition); } svg .band.on { fill: var(--band-on); } svg .band.recovery { fill: var(--band-recovery); } svg .band.settling { fill: var(--band-settling); }
svg .line-0 { stroke: var(--line-0); } svg .line-1 { stroke: var(--line-1); } svg .line-2 { stroke: var(--line-2); } svg .line-3 { stroke: var(--line-3); } svg .line-4 { stroke: var(--line-4); } svg .line-5 { stroke: var(--line-5); }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; margin: 0.3rem 0 0; color: var(--muted); font-size: 0.8125rem; }
.key { display: inline-flex; align-items: center; gap: 0.4rem; } .swatch { width: 14px; height: 11px; border: 1px solid var(--rule); }
.swatch.baseline { background: var(--band-baseline); } .swatch.transition { background: var(--band-transition); } .swatch.on { background: var(--band-on); } .swatch.recovery { background: var(--band-recovery); } .swatch.settling { background: var(--band-settling); }
.swatch.mark { width: 0; border: 0; border-left: 2px dotted var(--ink); } .swatch.bound { height: 0; border: 0; border-top: 2px dashed var(--bound); }
.swatch.line-0 { background: var(--line-0); } .swatch.line-1 { background: var(--line-1); } .swatch.line-2 { background: var(--line-2); } .swatch.line-3 { background: var(--line-3); } .swatch.line-4 { background: var(--line-4); } .swatch.line-5 { background: var(--line-5); }
.chart { position: relative; } .u-legend { position: absolute; top: 0; right: 0; margin: 0; background: var(--soft); color: var(--ink); font-size: 0.8125rem; visibility: hidden; pointer-events: none; } .chart:hover .u-legend { visibility: visible; } .u-legend .u-marker { border-radius: 2px; } table.u-legend { width: auto; min-width: 0; } .u-legend th, .u-legend td { border: 0; padding: 0 0.3rem; }
details { margin: 0.4rem 0; } summary { cursor: pointer; color: var(--link); font-size: 0.9375rem; }
.finding { margin: 1.2rem 0; padding: 0.2rem 0 0.2rem 1.1rem; border-left: 4px solid var(--rule); }
.finding.SEV1, .finding.SEV2 { border-color: var(--bad); } .finding.SEV3, .finding.SEV4 { border-color: var(--unsure); }
.finding dl { display: grid; grid-template-columns: 8.5rem 1fr; gap: 0.25rem 1rem; margin: 0.6rem 0; font-size: 0.9375rem; } .finding dt { color: var(--muted); } .finding dd { margin: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0 2rem; }
.notes ul { color: var(--muted); font-size: 0.8125rem; }
details.folded { border-top: 1px solid var(--rule); } details.folded > summary h2 { display: inline-block; border: 0; margin: 0.6rem 0; padding: 0; font-size: 1.05rem; color: var(--link); }
.timeline input { margin: 0 0.3rem 0 0; vertical-align: middle; } .timeline label { margin-right: 1.2rem; font-size: 0.9375rem; }
#show-faults:not(:checked) ~ .scroll .of-faults, #show-phases:not(:checked) ~ .scroll .of-phases, #show-decisions:not(:checked) ~ .scroll .of-decisions, #show-notes:not(:checked) ~ .scroll .of-notes, #show-alerts:not(:checked) ~ .scroll .of-alerts, #show-safety:not(:checked) ~ .scroll .of-safety { display: none; }
footer { margin-top: 3rem; color: var(--muted); font-size: 0.8125rem; }
a { color: var(--link); } :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 40rem) {
  main { padding: 1.4rem 1rem 3rem; } h1 { font-size: 1.5rem; } dl.tiles { grid-template-columns: 1fr 1fr; } .tile b { font-size: 1.15rem; } .finding dl { grid-template-columns: 1fr; } .finding dt { margin-top: 0.4rem; }
  table:not(.u-legend), table:not(.u-legend) tbody, table:not(.u-legend) tr, table:not(.u-legend) th, table:not(.u-legend) td { display: block; } table:not(.u-legend) thead { display: none; }
  table:not(.u-legend) tr { padding: 0.5rem 0; border-bottom: 1px solid var(--rule); } table:not(.u-legend) :is(th, td) { padding: 0.05rem 0; border: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  td[data-head]::before { content: attr(data-head) ": "; color: var(--muted); font-size: 0.8125rem; font-weight: 400; } td.owner { display: inline-block !important; padding: 0 0.5rem !important; }
  svg text, svg .band-label, svg .mark-label { font-size: 21px; } svg text.odd { display: none; }
}
@media (max-width: 62rem) { .first-look { grid-template-columns: minmax(0, 1fr); gap: 1rem; } }
@media print {
  @page { margin: 11mm; }
  :root { color-scheme: light; font-size: 11px; }
  body { display: block; font-size: 1rem; } nav, .timeline input, .timeline label, .of-safety { display: none; } dl.tiles { grid-template-columns: repeat(6, 1fr); } .first-look { grid-template-columns: 5fr 3fr; } main { max-width: none; padding: 0; }
  figure { content-visibility: visible; margin: 0.4rem 0; } .charts { grid-template-columns: 1fr 1fr; } h2 { margin: 1rem 0 0.3rem; } th, td { padding-top: 0.2rem; padding-bottom: 0.2rem; } .finding { margin: 0.5rem 0; } details:not([open]) { display: none; } .foremost { display: none; } .chart.live > svg { display: block; } .chart .uplot { display: none; } .finding, figure, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .banner, .owner, svg .band, .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .scroll { overflow: visible; }
}
`.trim();
