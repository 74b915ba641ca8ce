import type {Random} from '../../quantities/random.js';
import type {CookieJar} from '../http/cookies.js';
import type {CsvTable} from './csv.js';
import type {Placeholder} from './placeholder.js';
import type {ValuePlace} from './escaping.js';
import {ESCAPES} from './escaping.js';

/** Somebody who takes the steps of a scenario. */
export interface LoadUser {
  /** How many have come, this one included. */
  readonly number: number;
  /** The cookies of this user, where the scenario keeps them. */
  readonly jar: CookieJar | undefined;
  /** The row of the CSV that belongs to this user. */
  readonly row: readonly string[];
  /** What answers to this user had, by the name that the file gives it. */
  carried: ReadonlyMap<string, string>;
  /** The id of the write that the last good answer named, where it is asked for one. */
  written: string | undefined;
}

/** A text as this user sends it. */
export type TextOf = (user: LoadUser) => string;

/** Where the values of placeholders come from. */
export interface ValueSource {
  /** Of the values that are drawn for each request. */
  readonly draw: Random;
  /** The columns of the load's CSV. */
  readonly columns: readonly string[];
}

/** Users as they come: each has the next number and, where the load has a CSV, a row. */
export class Users {
  private number = 0;

  constructor(
    private readonly rows: CsvTable['rows'],
    /** Draws the rows; undefined: one after the other, and again from the first. */
    private readonly drawRow: Random | undefined,
  ) {}

  next(jar: CookieJar | undefined): LoadUser {
    const {rows, drawRow, number} = this;
    this.number++;
    const at = drawRow === undefined ? number % rows.length : Math.floor(drawRow() * rows.length);
    return {number: this.number, jar, row: rows[at] ?? NO_ROW, carried: NOTHING, written: undefined};
  }
}

const NO_ROW: readonly string[] = [];
const NOTHING: ReadonlyMap<string, string> = new Map();

function valueOf(placeholder: Placeholder, {draw, columns}: ValueSource): TextOf {
  switch (placeholder.kind) {
    case 'seq':
      return ({number}) => String(placeholder.from + number - 1);
    case 'pick': {
      const {options} = placeholder;
      return () => options[Math.floor(draw() * options.length)] ?? '';
    }
    case 'range': {
      const {from, to} = placeholder;
      return () => String(from + Math.floor(draw() * (to - from + 1)));
    }
    case 'csv': {
      const at = columns.indexOf(placeholder.column);
      return ({row}) => row[at] ?? '';
    }
    case 'carry':
      return ({carried}) => carried.get(placeholder.name) ?? '';
  }
}

/** Makes one text of parts that are always the same and values, each escaped for the place where it stands. */
export function filled(
  parts: readonly (string | {readonly placeholder: Placeholder; readonly place: ValuePlace})[],
  values: ValueSource,
): TextOf {
  const made = parts.map((part): string | TextOf => {
    if (typeof part === 'string') return part;
    const [value, escape] = [valueOf(part.placeholder, values), ESCAPES[part.place]];
    return user => escape(value(user));
  });
  return user => {
    let text = '';
    for (const part of made) text += typeof part === 'string' ? part : part(user);
    return text;
  };
}
