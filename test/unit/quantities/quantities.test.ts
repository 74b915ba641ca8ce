import {expect} from 'chai';
import fc from 'fast-check';
import * as z from 'zod';
import {formatDuration, parseDuration} from '../../../src/quantities/duration.js';
import {formatQuantity} from '../../../src/quantities/format.js';
import {plainNumber, shortNumber} from '../../../src/quantities/number.js';
import {parseQuantity} from '../../../src/quantities/parse.js';
import {formatRate, parseRate} from '../../../src/quantities/rate.js';
import {bandwidth, duration, rate, share, size} from '../../../src/quantities/schema.js';
import {formatShare, parseShare} from '../../../src/quantities/share.js';
import {formatBandwidth, formatSize, parseBandwidth, parseSize} from '../../../src/quantities/size.js';

describe('durations', () => {
  it('are read as people write them', () => {
    const read = ['200ms', '1.5s', '2m', '1h', '1h30m', '1d', '500us', '0s'].map(parseDuration);
    expect(read).to.deep.equal([200, 1500, 120_000, 3_600_000, 5_400_000, 86_400_000, 0.5, 0]);
  });

  it('are refused without a unit, with another one, or in a strange order', () => {
    for (const text of [
      '',
      '200',
      's',
      '5 s',
      '-5s',
      '+5s',
      '5S',
      '5sec',
      '30s1m',
      '1m1m',
      '1e3s',
      '.5s',
      '5s ',
      '１s',
      `${'9'.repeat(60)}s`,
    ]) {
      expect(parseDuration(text), text).to.equal(undefined);
    }
  });

  it('are shown in the unit that reads best', () => {
    const shown = [0, 0.4, 5, 200, 1500, 60_000, 90_500, 3_661_000, -1500, NaN].map(formatDuration);
    expect(shown).to.deep.equal(['0s', '0.4ms', '5ms', '200ms', '1.5s', '1m', '1m30.5s', '1h1m1s', '-1.5s', 'NaN']);
  });

  it('survive being shown and read again, to the millisecond', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 9), ms => {
        expect(parseDuration(formatDuration(ms))).to.equal(ms);
      }),
    );
  });
});

describe('rates, shares and sizes', () => {
  it('are read as people write them', () => {
    expect(['100/s', '90/m', '90/min', '3600/h', '0.5/s'].map(parseRate)).to.deep.equal([100, 1.5, 1.5, 1, 0.5]);
    expect(['20%', '0.1%', '99.9 %', '150%'].map(parseShare)).to.deep.equal([0.2, 0.001, 0.999, 1.5]);
    expect(['64MiB', '1.5GB', '100B', '1kB', '1 KiB'].map(parseSize)).to.deep.equal([
      67_108_864, 1.5e9, 100, 1000, 1024,
    ]);
    expect(['1MiB/s', '10Mbit/s', '8bit/s'].map(parseBandwidth)).to.deep.equal([1_048_576, 1_250_000, 1]);
  });

  it('are refused without their unit', () => {
    for (const text of ['', '100', '/s', '100 per s', '100/d', '%', '-5%', '5percent', 'constructor', '1__proto__']) {
      expect([parseRate(text), parseShare(text), parseSize(text), parseBandwidth(text)], text).to.deep.equal(
        Array(4).fill(undefined),
      );
    }
    expect(parseSize('64M')).to.equal(undefined);
    expect(parseBandwidth('1MiB')).to.equal(undefined);
  });

  it('are shown short', () => {
    expect([formatRate(99.96), formatRate(0.25), formatShare(0.0081), formatShare(1)]).to.deep.equal([
      '100/s',
      '0.25/s',
      '0.81%',
      '100%',
    ]);
    expect([1e6, 5e5, 1_572_864, 1_234_567].map(formatBandwidth)).to.deep.equal([
      '1MB/s',
      '500kB/s',
      '1.5MiB/s',
      '1.18MiB/s',
    ]);
    expect([formatSize(67_108_864), formatSize(1000), formatSize(1536), formatBandwidth(2 ** 20)]).to.deep.equal([
      '64MiB',
      '1000B',
      '1.5KiB',
      '1MiB/s',
    ]);
    expect([shortNumber(1234.5), shortNumber(0.012345), shortNumber(0), plainNumber(-0.001, 2)]).to.deep.equal([
      '1235',
      '0.0123',
      '0',
      '0',
    ]);
  });

  it('survive being shown and read again where nothing is rounded', () => {
    fc.assert(
      fc.property(fc.nat(1000), n => {
        expect(parseShare(formatShare(n / 1000))).to.equal(n / 1000);
        expect(parseRate(formatRate(n))).to.equal(n);
        expect(parseSize(formatSize(n))).to.equal(n);
      }),
    );
  });
});

describe('parseQuantity', () => {
  it('wants the unit of the metric', () => {
    expect(parseQuantity('400ms', 'ms')).to.equal(400);
    expect(parseQuantity('1%', 'ratio')).to.equal(0.01);
    expect(parseQuantity('5/s', 'per-second')).to.equal(5);
    expect(parseQuantity('1MiB', 'bytes')).to.equal(2 ** 20);
    expect(parseQuantity(5, 'count')).to.equal(5);
    expect(parseQuantity('5', 'number')).to.equal(undefined);
    expect(parseQuantity(400, 'ms')).to.equal(undefined);
    expect(parseQuantity('1%', 'ms')).to.equal(undefined);
  });

  it('reads what formatQuantity shows', () => {
    for (const unit of ['ms', 'ratio', 'per-second', 'bytes'] as const) {
      expect(parseQuantity(formatQuantity(0.5, unit), unit), unit).to.not.equal(undefined);
    }
  });
});

describe('quantities in schemas', () => {
  const message = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

  it('say what was expected and what came', () => {
    expect(message(duration(), 200)).to.equal('expected a duration such as `200ms`, `5s`, `2m`; got `200`');
    expect(message(duration(), '200')).to.equal('expected a duration such as `200ms`, `5s`, `2m`; got `"200"`');
    expect(message(share(), '120%')).to.equal('expected at most 100%; got `120%`');
    expect(message(duration({positive: true}), '0s')).to.equal('expected more than zero; got `0s`');
    expect(message(size({min: 1024}), '1B')).to.equal('expected at least 1KiB; got `1B`');
    expect(message(rate(), null)).to.equal('expected a rate such as `100/s`, `90/m`; got `null`');
    expect(message(bandwidth(), [])).to.equal('expected a bandwidth such as `1MiB/s`, `10Mbit/s`; got a list');
  });

  it('give a JSON Schema that knows the form, the examples and the default', () => {
    const schema = z.strictObject({delay: duration().prefault('5s').describe('How long.'), most: bandwidth()});
    const json = z.toJSONSchema(schema, {io: 'input'});
    const delay = json.properties?.['delay'] as {pattern: string};
    expect(delay).to.deep.include({
      type: 'string',
      description: 'How long.',
      default: '5s',
      examples: ['200ms', '5s', '2m'],
    });
    expect('1h30m').to.match(new RegExp(delay.pattern));
    expect('200').to.not.match(new RegExp(delay.pattern));
    expect(json.required).to.deep.equal(['most']);
  });
});
