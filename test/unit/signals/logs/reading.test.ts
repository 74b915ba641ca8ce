import {expect} from 'chai';
import fc from 'fast-check';
import {cleanLine, LONGEST_TEXT} from '../../../../src/signals/logs/clean.js';
import {readEntry} from '../../../../src/signals/logs/entry.js';
import {Folding, type LogEvent} from '../../../../src/signals/logs/folding.js';
import {LineSplitter} from '../../../../src/signals/logs/lines.js';

const clean = (text: string | Buffer, redact = (line: string) => line) => cleanLine(Buffer.from(text), redact);

describe('a line of a log', () => {
  it('loses what a terminal obeys and shows the rest, whatever it holds', () => {
    expect(clean('\u001b[31mERROR\u001b[0m lost \u001b[1;4mnow\u001b[K')).to.equal('ERROR lost now');
    expect(clean('\u001b]0;owned\u0007title \u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\')).to.equal(
      'title link',
    );
    expect(clean('a\u001b[2Jb\u009b31mc\u001b(Bd\u001bPq\u001b\\e')).to.equal('abcde');
    expect(clean('a\u202eb\u200bc\u0000d\u0007e')).to.equal('a�b�c␀d␇e');
    expect(clean(Buffer.from([0x61, 0xff, 0xfe, 0x62]))).to.equal('a��b');
    expect(clean('tab\there\r')).to.equal('tab    here');
    expect(clean('\u001b]0;never ended')).to.equal('');
  });

  it('never holds a control character, of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 300}), bytes => {
        expect(clean(Buffer.from(bytes))).to.not.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('is cut, after the secrets were taken out of it', () => {
    const secret = 'correct-horse-battery';
    const redact = (text: string) => text.replaceAll(secret, '***');
    const line = clean(`${'x'.repeat(LONGEST_TEXT - 5)}${secret} tail`, redact);
    expect(line).to.have.length(LONGEST_TEXT);
    expect(line.endsWith('xxx*** t')).to.equal(true);
  });

  it('shows no credential, also none that the experiment does not know', () => {
    const all = [
      'login password=hunter2 ok',
      '{"user":"a","api_key":"sk-12345","n":1}',
      "token: 'abc def', next",
      'Authorization: Bearer abcdef.ghi',
      'authorization=Basic dXNlcjpwYXNz',
      'Set-Cookie: sid=s3cr3tvalue; Path=/',
      'jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
      'key AKIAABCDEFGHIJKLMNOP used',
    ].map(line => clean(line));
    expect(all).to.deep.equal([
      'login password=*** ok',
      '{"user":"a","api_key":***,"n":1}',
      'token: ***, next',
      'Authorization: Bearer ***',
      'authorization=Basic ***',
      'Set-Cookie: ***; Path=/',
      'jwt ***',
      'key *** used',
    ]);
  });
});

describe('the lines of a log', () => {
  const linesOf = (...pieces: readonly (string | Buffer)[]) => {
    const lines: string[] = [];
    const splitter = new LineSplitter(line => lines.push(line.toString()));
    for (const piece of pieces) splitter.push(Buffer.from(piece));
    splitter.finish();
    return lines;
  };

  it('are the same however they are cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), texts => {
        const whole = texts.map(text => text.replaceAll('\n', ' ')).join('\n');
        const bytes = Buffer.from(whole);
        const one = Array.from(bytes, byte => Buffer.from([byte]));
        const expected = whole.endsWith('\n') || whole === '' ? whole.split('\n').slice(0, -1) : whole.split('\n');
        expect(linesOf(...one)).to.deep.equal(expected);
        expect(linesOf(bytes)).to.deep.equal(expected);
      }),
    );
  });

  it('of a megabyte are one line each, of which the beginning is held', () => {
    const megabyte = 'x'.repeat(2 ** 20);
    const lines = linesOf(megabyte, megabyte, '\nshort\n', megabyte);
    expect(lines.map(({length}) => length)).to.deep.equal([65_536, 5, 65_536]);
  });
});

describe('an event of a log', () => {
  const folded = (text: string) => {
    const folding = new Folding();
    const events: (LogEvent | undefined)[] = text.split('\n').map((line, i) => folding.add(line, i));
    events.push(folding.finish());
    return events.flatMap(event => (event === undefined ? [] : [event]));
  };
  const heads = (text: string) => folded(text).map(({head, detail, lines}) => [head, detail, lines]);

  it('is a line with its stack trace, in Java, Node, Python and Go', () => {
    expect(
      heads(
        [
          'INFO ready',
          'ERROR order failed',
          '\tat shop.Orders.place(Orders.java:31)',
          'Caused by: java.net.SocketTimeoutException: inventory',
          '\t... 12 more',
          'Error: connect ECONNREFUSED',
          '    at TCPConnectWrap (node:net:1)',
          'INFO between',
          'Traceback (most recent call last):',
          '  File "a.py", line 1, in <module>',
          "KeyError: 'stock'",
          'ERROR:root:logged',
          'Traceback (most recent call last):',
          '  File "b.py"',
          'ValueError: amount',
          'INFO next',
          'panic: runtime error',
          '',
          'goroutine 1 [running]:',
          'main.main()',
          '\t/app/main.go:9 +0x1d',
          'INFO last',
        ].join('\n'),
      ),
    ).to.deep.equal([
      ['INFO ready', undefined, 1],
      ['ERROR order failed', 'java.net.SocketTimeoutException: inventory', 4],
      ['Error: connect ECONNREFUSED', undefined, 2],
      ['INFO between', undefined, 1],
      ['Traceback (most recent call last):', "KeyError: 'stock'", 3],
      ['ERROR:root:logged', 'ValueError: amount', 4],
      ['INFO next', undefined, 1],
      ['panic: runtime error', undefined, 5],
      ['INFO last', undefined, 1],
    ]);
  });

  it('of lines that are all indented ends some time', () => {
    expect(folded(Array.from({length: 1200}, () => '  x').join('\n')).map(({lines}) => lines)).to.deep.equal([
      500, 500, 200,
    ]);
  });

  it('ends when nothing is added to it for a while', () => {
    const folding = new Folding();
    folding.add('ERROR alone', 1_000_000);
    expect(folding.idle(1_200_000)).to.equal(undefined);
    expect(folding.idle(1_400_000)?.head).to.equal('ERROR alone');
    expect(folding.finish()).to.equal(undefined);
  });

  const isError = (head: string) => readEntry({head, lines: 1, atUs: 0}).isError;

  it('is an error by its level', () => {
    const errors = [
      '2026-11-30T09:00:00.123Z ERROR inventory timed out',
      '[2026-11-30 09:00:00] FATAL out of space',
      '2026-11-30 09:00:00.123 UTC [12] FATAL:  too many connections',
      'level=error msg="lost"',
      '[error] 12#12: upstream timed out',
      'error: no route',
      'E1130 09:00:00.000001 1 main.go:1] gone',
      '{"level":50,"msg":"pino"}',
      '{"level":"error","message":"winston"}',
      '{"log":{"level":"ERROR"},"message":"ecs"}',
      '{"severity":"CRITICAL","message":"cloud"}',
      'java.lang.IllegalStateException: closed',
      'TypeError: x is not a function',
      'panic: nil map',
    ];
    expect(errors.filter(line => !isError(line))).to.deep.equal([]);
    const others = [
      'INFO 0 errors',
      '2026-11-30T09:00:00Z INFO handled ERROR gracefully',
      'level=info msg="no error"',
      '{"level":30,"msg":"ERROR in a text"}',
      '{"level":"info","error":"none"}',
      'W1130 09:00:00.000001 1 main.go:1] slow',
      'GET /errors 200',
      'everything is fine',
    ];
    expect(others.filter(isError)).to.deep.equal([]);
  });

  it('is read by its message, without its time and with the status of a request', () => {
    const read = (head: string) => readEntry({head, lines: 1, atUs: 0});
    expect(read('{"time":"2026-11-30T09:00:00Z","msg":"done","status":503}')).to.deep.equal({
      message: 'done status=503',
      isError: false,
      writtenMs: Date.parse('2026-11-30T09:00:00Z'),
    });
    expect(read('2026-11-30T09:00:00,250+02:00 INFO ready')).to.deep.equal({
      message: 'INFO ready',
      isError: false,
      writtenMs: Date.parse('2026-11-30T07:00:00.250Z'),
    });
    expect(read('2026-11-30 09:00:00 INFO no zone')).to.deep.equal({message: 'INFO no zone', isError: false});
    expect(read('{"ts":1796029200.5,"msg":"seconds"}').writtenMs).to.equal(1_796_029_200_500);
    expect(read('{"broken": ')).to.deep.equal({message: '{"broken": ', isError: false});
  });

  it('can be read whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(readEntry({head: text, lines: 1, atUs: 0})).to.have.property('message');
      }),
    );
  });
});
