import {expect} from 'chai';
import sinon from 'sinon';
import {LiveView} from '../../../src/terminal/live-view.js';
import {outputToText} from '../../../src/terminal/output.js';
import {untilEnd, untilInForce} from '../../support/records.js';

const SHOW = '\u001b[?25h';
const HIDE = '\u001b[?25l';

describe('live view', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({toFake: ['setInterval', 'clearInterval']});
  });

  afterEach(() => clock.restore());

  it('redraws four times a second and rewrites only the lines that changed', () => {
    let now = 10e6;
    const output = outputToText({isTTY: true, columns: 90});
    const view = new LiveView(output, {mono: () => now});
    for (const event of untilInForce().events) view.event(event);
    const before = output.text().length;
    now += 250_000;
    clock.tick(250);
    const redrawn = output.text().slice(before);
    expect(redrawn).to.match(/^\u001b\[\d+A/);
    expect(redrawn).not.to.include('Checkout survives');
    view.close();
  });

  it('hides the cursor while it draws and gives it back at the end, once', () => {
    const output = outputToText({isTTY: true});
    const view = new LiveView(output, {mono: () => 40e6});
    for (const event of untilEnd().events) view.event(event);
    view.close();
    view.close();
    expect(output.text().split(HIDE)).to.have.length(2);
    expect(output.text().split(SHOW)).to.have.length(2);
    expect(clock.countTimers()).to.equal(0);
  });

  it('draws afresh after a resize', () => {
    const output = {...outputToText({isTTY: true}), columns: 80};
    const written: string[] = [];
    output.write = text => void written.push(text);
    using view = new LiveView(output, {mono: () => 12e6});
    for (const event of untilInForce().events) view.event(event);
    output.columns = 50;
    clock.tick(250);
    expect(written.at(-1)).to.match(/^\u001b\[H\u001b\[2J/);
  });
});
