import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import type {Result} from '../../src/verdict/result.js';
import {ensureBuilt, firedrill} from '../support/cli.js';
import {startHttpServer, type TestServer} from '../support/http-server.js';
import {suiteFolder} from '../support/shop.js';

/** The shop fails while the flag is up; the follower is behind by 7 then, and by 2 else. */
const FILE = (url: string, folder: string) => `version: 1
title: The shop answers while the flag is up
load: { shop: { http: "${url}", rate: 40/s } }
steadyState:
  failing part: { metric: { share: failed, of: asked }, tolerance: { below: 20% } }
  asked: { metric: { sum: [failed, answered] } }
  failed: { load: { of: shop, measure: errors.rate } }
  answered: { load: { of: shop, measure: throughput } }
  leader: { command: { run: "expr $(date +%s) + 2", shell: true, unit: count } }
  follower: { command: { run: "test -e ${folder}/flag && expr $(date +%s) - 5 || date +%s", shell: true, unit: count } }
  behind: { metric: { difference: [leader, follower] }, tolerance: { below: 5 }, judge: [fault, recovery] }
  page: { http: { url: "${url}page" } }
  pages: { metric: { ratio: [page, page] }, tolerance: { below: 200% } }
windows: { warmup: 0s, baseline: 10s, recovery: 15s }
faults:
  - { name: flag, command: { do: [touch, "${folder}/flag"], undo: [rm, -f, "${folder}/flag"], proof: [test, -e, "${folder}/flag"] }, targets: [], for: 10s }
`;

describe('metrics that are made of others, from the command line', function () {
  this.timeout(180_000);
  const folder = suiteFolder();
  let shop: TestServer;
  let path = '';

  before(async () => {
    ensureBuilt();
    const flag = join(folder.path, 'flag');
    shop = await startHttpServer((_request, response) => response.writeHead(existsSync(flag) ? 503 : 200).end('ok'));
    path = join(folder.path, 'parts.yaml');
    writeFileSync(path, FILE(shop.url.endsWith('/') ? shop.url : `${shop.url}/`, folder.path));
  });
  after(() => shop.close());

  const environment = {FIREDRILL_STATE: join(folder.path, 'state')};

  it('are shown in the plan as the others are', async () => {
    const {code, stdout, stderr} = await firedrill(['plan', path], environment);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/failing part +below 20% +`failed`: by the load of the run\n/);
    expect(stdout)
      .to.match(/behind +below 5 +[1-4]\n/)
      .and.to.match(/pages +below 200% +100%\n/);
  });

  it('are judged like others, and failures of the target stay evidence about it', async () => {
    const runs = join(folder.path, 'runs');
    const {code, stdout, stderr} = await firedrill(['run', path, '--yes', '--runs-dir', runs], environment);
    expect(code, `${stdout}${stderr}`).to.equal(7);
    const [run = ''] = readdirSync(runs);
    const result = JSON.parse(readFileSync(join(runs, run, 'result.json'), 'utf8')) as Result;
    const during = (name: string) => {
      const {unit, worse, verdict, intervals} = result.metrics.find(metric => metric.name === name)!;
      const [before, on, after] = ['baseline', 'on', 'recovery'].map(
        kind => intervals.find(interval => interval.kind === kind)!.value,
      );
      return {unit, worse, verdict, before, on, after};
    };
    const made = result.sources.find(({name}) => name === 'failing part')!;
    expect(made.what).to.equal('`failed` as a share of `asked` every 1 s (samples.ndjson)');
    const judged = {worse: 'higher', verdict: 'deviated'};
    expect(during('failing part')).to.deep.equal({...judged, unit: 'ratio', before: 0, on: 1, after: 0});
    expect(during('asked')).to.deep.include({unit: 'per-second', verdict: null, before: 40, on: 40, after: 40});
    expect(during('behind')).to.deep.include({...judged, unit: 'count'});
    expect(during('behind').on).to.be.within(6, 8);
    expect(during('pages')).to.deep.equal({...judged, unit: 'ratio', before: 1, on: null, after: 1});
    const pages = result.metrics.find(({name}) => name === 'pages')!.intervals.find(({kind}) => kind === 'on')!;
    expect(pages.availability).to.deep.include({verdict: 'deviated'});
    expect(pages.availability!.reasons.map(({reason}) => reason)).to.deep.equal(['status-503']);
  });
});
