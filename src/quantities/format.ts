import {formatDuration} from './duration.js';
import {plainNumber, shortNumber} from './number.js';
import {formatRate} from './rate.js';
import {formatShare} from './share.js';
import {formatSize} from './size.js';
import type {Unit} from './unit.js';

/** A value of a metric for people, in its unit: `412ms`, `0.8%`, `99.7/s`, `64MiB`, `3`. */
export function formatQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'ratio':
      return formatShare(value);
    case 'per-second':
      return formatRate(value);
    case 'bytes':
      return formatSize(value);
    case 'count':
      return plainNumber(value, 2);
    case 'number':
      return shortNumber(value);
  }
}

/** What a value of this unit looks like in a file, for messages: "a duration such as `200ms`". */
export function describeUnit(unit: Unit): string {
  switch (unit) {
    case 'ms':
      return 'a duration such as `200ms`, `5s`, `2m`';
    case 'ratio':
      return 'a share such as `20%`, `0.5%`';
    case 'per-second':
      return 'a rate such as `100/s`, `90/m`';
    case 'bytes':
      return 'a size such as `64MiB`, `1GB`';
    case 'count':
    case 'number':
      return 'a plain number such as `100`';
  }
}
