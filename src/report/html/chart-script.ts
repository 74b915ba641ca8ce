/**
 * The interaction of the charts, as it runs in the browser: every static SVG is replaced by a uPlot chart of the same
 * data that shows the value under the cursor and zooms in time (drag; double click to go back), once it comes near what
 * is seen: a report may have hundreds. Without JavaScript, and on paper, the SVG stays.
 */
export const CHART_SCRIPT = `
(function () {
  'use strict';
  var charts = JSON.parse(document.getElementById('chart-data').textContent);
  var made = [];
  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }
  function trim(value, digits) { return String(Number(value.toFixed(digits))); }
  function show(value, unit) {
    if (value === null || value === undefined) return '–';
    if (unit === 'ratio') return trim(value * 100, 2) + '%';
    if (unit === 'ms') return value < 1000 ? trim(value, 1) + 'ms' : trim(value / 1000, 2) + 's';
    if (unit === 'per-second') return trim(value, 2) + '/s';
    if (unit === 'bytes') {
      var units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'], i = 0;
      while (Math.abs(value) >= 1024 && i < 4) { value /= 1024; i++; }
      return trim(value, 2) + units[i];
    }
    return trim(value, 2);
  }
  function shade(chart) {
    return function (u) {
      var ctx = u.ctx;
      ctx.save();
      chart.bands.forEach(function (band) {
        var left = u.valToPos(band.from, 'x', true), right = u.valToPos(band.to, 'x', true);
        left = Math.max(left, u.bbox.left); right = Math.min(right, u.bbox.left + u.bbox.width);
        if (right <= left) return;
        ctx.fillStyle = colour('band-' + band.kind);
        ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
      });
      ctx.restore();
    };
  }
  function bound(chart) {
    return function (u) {
      var ctx = u.ctx, ratio = window.devicePixelRatio || 1;
      ctx.save();
      ctx.strokeStyle = colour('bound');
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash([6 * ratio, 4 * ratio]);
      chart.bounds.forEach(function (value) {
        var y = u.valToPos(value, 'y', true);
        ctx.beginPath(); ctx.moveTo(u.bbox.left, y); ctx.lineTo(u.bbox.left + u.bbox.width, y); ctx.stroke();
      });
      chart.marks.forEach(function (mark) {
        var x = u.valToPos(mark.at, 'x', true);
        if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
        ctx.strokeStyle = ctx.fillStyle = colour('ink');
        ctx.lineWidth = ratio;
        ctx.setLineDash([2 * ratio, 3 * ratio]);
        ctx.beginPath(); ctx.moveTo(x, u.bbox.top); ctx.lineTo(x, u.bbox.top + u.bbox.height); ctx.stroke();
        ctx.font = 11 * ratio + 'px system-ui, sans-serif';
        ctx.textAlign = mark.what === 'out' ? 'end' : 'start';
        ctx.fillText(mark.what, x + (mark.what === 'out' ? -4 : 4) * ratio, u.bbox.top + 12 * ratio);
      });
      ctx.restore();
    };
  }
  function labels(ticks) {
    return function (u, splits) {
      return splits.map(function (at) {
        var tick = ticks.find(function (candidate) { return Math.abs(candidate.at - at) < 1e-9; });
        return tick ? tick.label : '';
      });
    };
  }
  function options(chart, width) {
    var text = colour('muted'), font = '12px system-ui, sans-serif';
    var narrow = width < 480;
    return {
      width: width, height: narrow ? 200 : 240,
      scales: {x: {time: false, min: chart.x.min, max: chart.x.max}, y: {range: function () { return [chart.y.min, chart.y.max]; }}},
      series: [{label: 'seconds', value: function (u, at) { return at === null ? '–' : trim(at, 1) + 's'; }}].concat(chart.names.map(function (name, i) {
        return {label: name, stroke: colour('line-' + (i % 6)), width: 2, spanGaps: chart.spanGaps,
          points: {show: false}, value: function (u, value) { return show(value, chart.unit); }};
      })),
      axes: [
        {stroke: text, font: font, grid: {show: false}, ticks: {stroke: colour('rule')}, space: narrow ? 60 : 50,
          values: function (u, splits) { return splits.map(function (at) { return at < 60 ? trim(at, 1) + 's' : trim(at / 60, 2) + 'm'; }); }},
        {stroke: text, font: font, size: 64, grid: {stroke: colour('rule'), width: 1}, ticks: {show: false},
          splits: function () { return chart.y.ticks.map(function (tick) { return tick.at; }); }, values: labels(chart.y.ticks)}
      ],
      cursor: {drag: {x: true, y: false}, sync: {key: 'run'}},
      hooks: {drawClear: [shade(chart)], draw: [bound(chart)]}
    };
  }
  function draw(box) {
    var chart = charts[Number(box.dataset.chart)];
    var plot = new uPlot(options(chart, Math.max(240, box.clientWidth)), chart.data, box);
    plot.root.setAttribute('aria-hidden', 'true');
    box.classList.add('live');
    made.push(plot);
  }
  var near = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      near.unobserve(entry.target);
      draw(entry.target);
    });
  }, {rootMargin: '600px 0px'});
  function drawAnew() {
    made.splice(0).forEach(function (plot) { plot.destroy(); });
    document.querySelectorAll('.chart').forEach(function (box) {
      if (charts[Number(box.dataset.chart)].data[0].length === 0) return;
      box.classList.remove('live');
      near.unobserve(box);
      near.observe(box);
    });
  }
  drawAnew();
  var width = window.innerWidth, waiting;
  window.addEventListener('resize', function () {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(drawAnew, 150);
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAnew);
})();
`.trim();
