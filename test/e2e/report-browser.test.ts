import axe from 'axe-core';
import {expect} from 'chai';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium, type Browser, type BrowserContextOptions, type Page} from 'playwright-core';
import {renderHtml} from '../../src/report/html/html.js';
import {judge} from '../../src/verdict/judge.js';
import {describeWith} from '../support/needs.js';
import * as records from '../support/records.js';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describeWith('browser', 'the HTML report in a browser', () => {
  let browser: Browser;
  let folder: string;
  let address: string;
  /** A report of a run that held. */
  let simple: string;
  /** A report of 200 metrics. */
  let many: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firedrill-report-'));
    const file = join(folder, 'report.html');
    await writeFile(file, renderHtml(judge(records.rich())));
    address = pathToFileURL(file).href;
    const result = judge(records.rich());
    const metrics = Array.from({length: 50}, () => result.metrics).flat();
    await writeFile(join(folder, 'many.html'), renderHtml({...result, metrics}));
    await writeFile(join(folder, 'simple.html'), renderHtml(judge(records.held())));
    simple = pathToFileURL(join(folder, 'simple.html')).href;
    many = pathToFileURL(join(folder, 'many.html')).href;
    browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: QUIET});
  });

  after(async () => {
    await browser.close();
    await rm(folder, {recursive: true, force: true});
  });

  /** Opens the report; `problems` collects console messages, errors and every request but the one for the file. */
  async function open(options: BrowserContextOptions, file = address): Promise<{page: Page; problems: string[]}> {
    const problems: string[] = [];
    const page = await browser.newPage(options);
    page.on('console', message => problems.push(message.text()));
    page.on('pageerror', error => problems.push(error.message));
    page.on('request', request => {
      if (request.url() !== file && !request.url().startsWith('data:')) problems.push(`request for ${request.url()}`);
    });
    await page.goto(file);
    return {page, problems};
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      it(`renders without an error or a request, ${colorScheme}, ${width} px wide`, async () => {
        const {page, problems} = await open({colorScheme, viewport: {width, height: 800}});
        expect(await page.locator('h1').innerText()).to.equal('Checkout survives a frozen inventory');
        for (const chart of [0, 1, 2, 3]) {
          await page.locator(own(chart)).scrollIntoViewIfNeeded();
          await page.locator(`${own(chart)}.live .uplot canvas`).waitFor();
        }
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
        expect(overflow).to.be.at.most(0);
        expect(problems).to.deep.equal([]);
        await page.close();
      });
    }
  }

  it('shows the value under the cursor', async () => {
    const {page} = await open({viewport: {width: 1280, height: 800}});
    await page.locator(own(0)).scrollIntoViewIfNeeded();
    await page.locator(`${own(0)} .u-over`).hover();
    expect(await page.locator(`${own(0)} .u-legend`).innerText()).to.include('40%');
    await page.close();
  });

  it('shows verdict, figures, the chart that tells most and what to do first without scrolling', async () => {
    const {page} = await open({viewport: {width: 1440, height: 900}});
    for (const part of ['.banner', '.tiles', '.foremost .chart', '.next .first']) {
      const box = await page.locator(part).first().boundingBox();
      expect((box?.y ?? Infinity) + (box?.height ?? 0), part).to.be.at.most(900);
    }
    expect(await page.locator('.tile').allInnerTexts()).to.have.length.at.least(4);
    await page.setViewportSize({width: 360, height: 800});
    for (const part of ['.banner', '.tile']) {
      const box = await page.locator(part).first().boundingBox();
      expect((box?.y ?? Infinity) + (box?.height ?? 0), part).to.be.at.most(800);
    }
    await page.close();
  });

  it('leaves kinds of rows out of the timeline, also without JavaScript', async () => {
    const {page} = await open({javaScriptEnabled: false, viewport: {width: 1280, height: 800}});
    const shown = () => page.locator('.timeline tbody tr:visible').count();
    const before = await shown();
    await page.getByLabel(/^Phases/).check();
    const withPhases = await shown();
    expect(withPhases).to.be.greaterThan(before);
    await page.getByLabel(/^Faults/).uncheck();
    expect(await shown()).to.be.below(withPhases);
    await page.close();
  });

  it('has nothing that axe calls a violation, in both schemes, narrow and wide, folded and unfolded', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [360, 1440]) {
        const {page} = await open({colorScheme, viewport: {width, height: 800}});
        await page.evaluate('document.querySelectorAll("details").forEach((one, i) => { one.open = i % 2 === 0; })');
        // The policy of the page lets nobody add a script: it is evaluated from outside.
        await page.evaluate(axe.source);
        const violations = await page.evaluate<string[]>(
          'axe.run().then(found => found.violations.map(({id, nodes}) => id + ": " + nodes[0].html))',
        );
        expect(violations).to.deep.equal([]);
        await page.close();
      }
    }
  });

  it('shows the same charts with JavaScript off', async () => {
    const {page, problems} = await open({javaScriptEnabled: false, viewport: {width: 1280, height: 800}});
    expect(await page.locator('.chart > svg:visible').count()).to.equal(5);
    expect(await page.locator('.uplot').count()).to.equal(0);
    await page.locator('figure details summary').first().click();
    expect(await page.locator('.charts').getByText('40% over 950 requests').first().isVisible()).to.equal(true);
    expect(problems).to.deep.equal([]);
    await page.close();
  });

  it('has one heading of the first level, table headers, and enough contrast in both schemes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const {page} = await open({colorScheme, viewport: {width: 1280, height: 800}});
      expect(await page.locator('h1').count()).to.equal(1);
      expect(await page.locator('table:not(.u-legend):not(:has(thead th[scope=col]))').count()).to.equal(0);
      const poor = await page.evaluate<string[]>(CONTRAST);
      expect(poor).to.deep.equal([]);
      await page.close();
    }
  });

  it('draws of many charts only those near what is seen, and shows all of them on paper', async () => {
    const {page, problems} = await open({viewport: {width: 1280, height: 800}}, many);
    expect(await page.locator('.charts .chart > svg').count()).to.equal(200);
    await page.locator(own(100)).scrollIntoViewIfNeeded();
    await page.locator(`${own(100)}.live .uplot canvas`).waitFor();
    expect(await page.locator(`${own(199)}.live`).count()).to.equal(0);
    expect(await page.locator('canvas').count()).to.be.below(20);
    await page.emulateMedia({colorScheme: 'dark'});
    await page.locator(`${own(100)}.live .uplot canvas`).waitFor();
    await page.emulateMedia({media: 'print'});
    expect(await page.locator('.charts .chart > svg:visible').count()).to.equal(200);
    expect(problems).to.deep.equal([]);
    await page.close();
  });

  it('prints as a document with its charts', async () => {
    const {page} = await open({viewport: {width: 1280, height: 800}});
    const pdf = await page.pdf({format: 'A4'});
    expect(pdf.length).to.be.greaterThan(20_000);
    expect(pagesOf(pdf)).to.be.at.most(4);
    await page.goto(simple);
    expect(pagesOf(await page.pdf({format: 'A4'})), 'a run that held').to.be.at.most(2);
    await page.goto(address);
    await page.emulateMedia({media: 'print'});
    expect(await page.locator('.charts .chart > svg:visible').count()).to.equal(4);
    await page.close();
  });
});

/** The chart of a metric in its place among all metrics. */
const own = (chart: number) => `.charts .chart[data-chart="${chart}"]`;

/** How many pages Chromium wrote. */
const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;

/** Runs in the page: the texts whose contrast with the background they lie on is below 4.5 (WCAG AA). */
const CONTRAST = `(() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const part = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const background = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('h1,h2,h3,p,li,dt,dd,th,td,strong,summary,span.verdict,code')].flatMap(element => {
    if (!element.textContent.trim() || element.closest('.uplot')) return [];
    const a = light(parse(getComputedStyle(element).color)), b = light(background(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < 4.5 ? [element.tagName + ' ' + element.className + ' ' + ratio.toFixed(2) + ' ' + element.textContent.slice(0, 30)] : [];
  });
})()`;
