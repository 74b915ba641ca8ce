import {splitPlaceholders, type Placeholder} from '../placeholder.js';

type Piece = string | Placeholder;

/** A statement in parts: SQL as the file writes it, and what becomes a parameter, made of such pieces. */
export type StatementPart = string | {readonly bound: readonly Piece[]};

/** Why values cannot be bound where placeholders stand. */
export interface WrongStatement {
  readonly expected: string;
}

/** What begins something in which a value cannot stand, what ends it, and what it is called. */
const CLOSED: Readonly<Record<string, {readonly end: string; readonly what: string}>> = {
  '"': {end: '"', what: 'in double quotes'},
  '`': {end: '`', what: 'in backquotes'},
  '--': {end: '\n', what: 'in a comment'},
  '/*': {end: '*/', what: 'in a comment'},
};

/**
 * Takes a statement apart: a placeholder becomes a parameter, and so does, as a whole, a text in single quotes that has
 * one (or a secret) in it. So no value is ever a part of the SQL: where a dialect misleads this, the server refuses the
 * statement.
 */
export function parseStatement(query: string): readonly StatementPart[] | WrongStatement {
  const reader = new StatementReader();
  for (const piece of splitPlaceholders(query)) {
    if (typeof piece === 'string') for (const [sign] of piece.matchAll(/--|\/\*|\*\/|[^]/g)) reader.sign(sign);
    else reader.placeholder(piece);
  }
  return reader.end();
}

class StatementReader {
  private readonly parts: StatementPart[] = [];
  private sql = '';
  /** The text in single quotes that is open: its pieces, and what came after the last placeholder. */
  private text: {readonly pieces: Piece[]; tail: string} | undefined;
  /** A quote came in it: the next sign tells whether that was its end. */
  private mayBeOver = false;
  private closed: (typeof CLOSED)[string] | undefined;
  private wrong: string | undefined;

  sign(sign: string): void {
    if (this.mayBeOver && sign !== "'") this.endText();
    if (this.text !== undefined) {
      this.mayBeOver = sign === "'" && !this.mayBeOver;
      if (!this.mayBeOver) this.text.tail += sign;
    } else if (this.closed !== undefined) {
      this.sql += sign;
      if (sign === this.closed.end) this.closed = undefined;
    } else if (sign === "'") {
      this.text = {pieces: [], tail: ''};
    } else {
      this.closed = CLOSED[sign];
      this.sql += sign;
    }
  }

  placeholder(placeholder: Placeholder): void {
    if (this.mayBeOver) this.endText();
    if (this.text !== undefined) {
      this.text.pieces.push(this.text.tail, placeholder);
      this.text.tail = '';
    } else if (this.closed === undefined) this.bind([placeholder]);
    else
      this.wrong ??= `expected placeholders where a value may stand, or in a text in single quotes; got one ${this.closed.what}`;
  }

  end(): readonly StatementPart[] | WrongStatement {
    if (this.mayBeOver) this.endText();
    if (this.text !== undefined) this.wrong ??= "expected a `'` that ends the text in quotes; got none";
    if (this.wrong !== undefined) return {expected: this.wrong};
    return this.sql === '' ? this.parts : [...this.parts, this.sql];
  }

  private endText(): void {
    const {pieces, tail} = this.text ?? {pieces: [], tail: ''};
    this.text = undefined;
    this.mayBeOver = false;
    if (pieces.length === 0 && !tail.includes('${secret:')) {
      this.sql += `'${tail.replaceAll("'", "''")}'`;
      return;
    }
    pieces.push(tail);
    const prefix = /[\w&]+$/.exec(this.sql)?.[0];
    // Servers read a backslash differently, and letters before the quotes make another kind of text.
    if (pieces.some(piece => typeof piece === 'string' && piece.includes('\\')))
      this.wrong ??= 'expected no `\\` in a text in quotes with a placeholder: servers read it differently';
    else if (prefix !== undefined)
      this.wrong ??= `expected a text in quotes with a placeholder to stand by itself; got \`${prefix}\` right before it`;
    this.bind(pieces.filter(piece => piece !== ''));
  }

  private bind(pieces: readonly Piece[]): void {
    if (this.sql !== '') this.parts.push(this.sql);
    this.sql = '';
    this.parts.push({bound: pieces});
  }
}
