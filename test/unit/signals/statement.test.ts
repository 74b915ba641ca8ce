import {expect} from 'chai';
import fc from 'fast-check';
import {formatPlaceholder} from '../../../src/signals/load/placeholder.js';
import {parseStatement} from '../../../src/signals/load/stores/statement.js';

/** The SQL with `?` for each parameter, and what these are made of; or what was wrong. */
function read(query: string): readonly [sql: string, ...bound: string[]] | string {
  const parts = parseStatement(query);
  if ('expected' in parts) return parts.expected;
  const bound = parts.flatMap(part => (typeof part === 'string' ? [] : [part.bound]));
  return [
    parts.map(part => (typeof part === 'string' ? part : '?')).join(''),
    ...bound.map(pieces => pieces.map(one => (typeof one === 'string' ? one : formatPlaceholder(one))).join('')),
  ];
}

describe('a statement of a load', () => {
  it('has parameters where placeholders stand, and where a text in quotes has one', () => {
    expect(read('select 1')).to.deep.equal(['select 1']);
    expect(read('insert into t values (${seq}, ${pick:1..5})')).to.deep.equal([
      'insert into t values (?, ?)',
      '${seq}',
      '${pick:1..5}',
    ]);
    expect(read("values ('order-${seq}', 'it''s ${csv:name}', '', '${csv:a}${csv:b}')")).to.deep.equal([
      "values (?, ?, '', ?)",
      'order-${seq}',
      "it's ${csv:name}",
      '${csv:a}${csv:b}',
    ]);
    expect(read("values ('''${pick:it''s|b}''')")).to.deep.equal(['values (?)', "'${pick:it''s|b}'"]);
    expect(read("values ('${secret:env:KEY}', ${seq})")).to.deep.equal([
      'values (?, ?)',
      '${secret:env:KEY}',
      '${seq}',
    ]);
  });

  it('stays as it is written everywhere else', () => {
    for (const sql of [
      "select 'it''s', \"a'b\", `c'd` -- it's\n, 'x' /* isn't */ from t",
      "select '''', E'a\\'b', '--', '/*'",
      "select '${other}', $1, ?",
    ])
      expect(read(sql), sql).to.deep.equal([sql]);
  });

  it('is refused where no value can stand', () => {
    expect(read('select "a${seq}"')).to.include('in double quotes');
    expect(read('select `a${seq}`')).to.include('in backquotes');
    expect(read('select 1 -- ${seq}')).to.include('in a comment');
    expect(read('select 1 /* ${seq} */')).to.include('in a comment');
    expect(read("select 'a\\n${seq}'")).to.include('no `\\`');
    expect(read("select E'${seq}'")).to.include('got `E` right before it');
    expect(read("select 'a${seq}")).to.include("a `'` that ends the text");
  });

  it('never takes a sign of a text for SQL, whatever stands in it', () => {
    const sign = fc.constantFrom("''", '"', '`', '--', '/*', '*/', ';', '\n', 'a', '$1', '?', ' ');
    fc.assert(
      fc.property(fc.array(sign), fc.array(sign), (before, after) => {
        const text = [...before, '${seq}', ...after].join('');
        expect(read(`values ('${text}', \${csv:a})`)).to.deep.equal([
          'values (?, ?)',
          text.replaceAll("''", "'"),
          '${csv:a}',
        ]);
      }),
    );
  });
});
