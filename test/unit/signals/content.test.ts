import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync} from 'node:zlib';
import {expect} from 'chai';
import {bodyText} from '../../../src/signals/http/content.js';

const TEXT = '{"state":"confirmed","n":7}';

const answer = (content: Buffer, encoding?: string, type = 'application/json') => ({
  content,
  size: content.length,
  fields: (name: string) => {
    if (name === 'content-type') return [type];
    return name === 'content-encoding' && encoding !== undefined ? [encoding] : [];
  },
});

describe('the text of a body', () => {
  const packed: Readonly<Record<string, Buffer>> = {
    gzip: gzipSync(TEXT),
    'X-GZIP': gzipSync(TEXT),
    deflate: deflateSync(TEXT),
    br: brotliCompressSync(TEXT),
    identity: Buffer.from(TEXT),
    'deflate, gzip': gzipSync(deflateSync(TEXT)),
  };
  for (const [encoding, content] of Object.entries(packed))
    it(`is unpacked: ${encoding}`, () => {
      expect(bodyText(answer(content, encoding))).to.equal(TEXT);
    });

  it('is unpacked from a bare deflate too, and is nothing where there is nothing', () => {
    expect(bodyText(answer(deflateRawSync(TEXT), 'deflate'))).to.equal(TEXT);
    expect(bodyText(answer(Buffer.alloc(0), 'gzip'))).to.equal('');
  });

  it('is in the charset that its mark, else its type names', () => {
    expect(bodyText(answer(Buffer.from([0x63, 0xe9]), undefined, 'text/plain; charset=iso-8859-1'))).to.equal('cé');
    expect(bodyText(answer(Buffer.from([0x63, 0xe9]), undefined, 'text/plain; Charset="ISO-8859-1"'))).to.equal('cé');
    expect(bodyText(answer(Buffer.from('\ufeff{"n":7}')))).to.equal('{"n":7}');
    expect(bodyText(answer(Buffer.from('\ufeffcé', 'utf16le'), undefined, 'text/plain; charset=utf-8'))).to.equal('cé');
    expect(bodyText(answer(Buffer.from('cé'), undefined, 'text/plain; charset=nobody-knows'))).to.equal('cé');
  });

  it('cannot be read when it is not what its coding says, or becomes too large', () => {
    expect(bodyText(answer(Buffer.from(TEXT), 'gzip'))).to.equal(undefined);
    expect(bodyText(answer(Buffer.from(TEXT), 'zip'))).to.equal(undefined);
    expect(bodyText(answer(gzipSync(TEXT).subarray(0, 20), 'gzip'))).to.equal(undefined);
    expect(bodyText(answer(gzipSync(Buffer.alloc(11 * 1024 * 1024)), 'gzip'))).to.equal(undefined);
    expect(bodyText(answer(brotliCompressSync(Buffer.alloc(11 * 1024 * 1024)), 'br'))).to.equal(undefined);
  });

  it('is its start where it was not kept as a whole', () => {
    const whole = gzipSync(Array.from({length: 5000}, (_, i) => `line ${i * 7919}`).join('\n'));
    const start = bodyText({...answer(whole.subarray(0, 5000), 'gzip'), size: whole.length});
    expect(start).to.match(/^line 0\nline 7919\n/);
  });
});
