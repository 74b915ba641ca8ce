import {expect} from 'chai';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {formatAddress, isLoopback, parseAddress} from '../../../src/proxy/address.js';
import {readConfig, type ProxyFlags} from '../../../src/proxy/config.js';
import {FiredrillError} from '../../../src/system/error.js';

const failure = async (flags: ProxyFlags): Promise<FiredrillError> => {
  const error = await readConfig(flags).catch((thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(FiredrillError);
  return error as FiredrillError;
};
const one = {name: 'inventory', listen: '127.0.0.1:9001', upstream: 'inventory.local:8082'};

describe('addresses', () => {
  it('are read with a name, an IPv4 or a bracketed IPv6 address', () => {
    for (const text of ['127.0.0.1:9001', '[::1]:9001', 'inventory.local:80']) {
      expect(formatAddress(parseAddress(text, 'listen'))).to.equal(text);
    }
  });

  for (const text of [
    '',
    '9001',
    ':9001',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '::1:80',
    '[abc]:80',
    'a b:80',
    'http://a:80',
  ]) {
    it(`are refused when they are \`${text}\`, naming the option`, () => {
      expect(() => parseAddress(text, '--listen')).to.throw(FiredrillError, /^--listen: expected HOST:PORT/);
    });
  }

  it('are known as loopback only when they can be nothing else', () => {
    for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]'])
      expect(isLoopback(host)).to.equal(true);
    for (const host of ['', '0.0.0.0', '127.0.0.1.example', 'localhost.example', '10.0.0.1', '::', '127.1'])
      expect(isLoopback(host), host).to.equal(false);
  });
});

describe('configuration of a proxy', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'firedrill-test-'))));
  after(() => rmSync(folder, {recursive: true, force: true}));
  const file = (text: string) => {
    const path = join(folder, 'proxy.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('is one connection by flags, with the control API on its usual port', async () => {
    expect(await readConfig(one)).to.deep.equal({
      control: {host: '127.0.0.1', port: 8474},
      connections: [
        {
          name: 'inventory',
          listen: {host: '127.0.0.1', port: 9001},
          upstream: {host: 'inventory.local', port: 8082},
        },
      ],
    });
  });

  it('is several by file, and the flag for the control API wins', async () => {
    const text =
      'control: 127.0.0.1:9\nconnections:\n- {name: a, listen: "127.0.0.1:1", upstream: "127.0.0.1:2"}\n- {name: b, listen: "127.0.0.1:3", upstream: "127.0.0.1:4"}\n';
    expect((await readConfig({config: file(text)})).control.port).to.equal(9);
    const {control, connections} = await readConfig({config: file(text), control: '[::1]:10'});
    expect(control).to.deep.equal({host: '::1', port: 10});
    expect(connections.map(({name}) => name)).to.deep.equal(['a', 'b']);
  });

  for (const [title, flags, code, words] of [
    ['nothing', {}, 'BAD_USAGE', '--config'],
    ['half of it', {listen: one.listen}, 'BAD_USAGE', '--upstream'],
    ['both ways at once', {...one, config: 'x'}, 'BAD_USAGE', 'either'],
    ['a control API that others could reach', {...one, control: '0.0.0.0:8474'}, 'BAD_USAGE', 'loopback'],
    ['a bad name', {...one, name: 'a/b'}, 'BAD_USAGE', '`a/b`'],
    ['a bad upstream', {...one, upstream: '8082'}, 'BAD_USAGE', 'upstream of inventory'],
    ['no such file', {config: '/nowhere/proxy.yaml'}, 'FILE_UNREADABLE', '/nowhere/proxy.yaml'],
  ] as const) {
    it(`is refused when it is ${title}`, async () => {
      const error = await failure(flags);
      expect(error.code).to.equal(code);
      expect(error.message).to.include(words);
    });
  }

  for (const [title, text, code, words] of [
    ['not YAML', 'a: [', 'FILE_INVALID', 'not YAML'],
    ['without connections', 'connections: []', 'FILE_INVALID', 'connections'],
    ['with an unknown key', 'conections: []', 'FILE_INVALID', 'conections'],
    ['a YAML bomb', 'a: &a [x]\nconnections: [*a, *a]', 'FILE_INVALID', 'Alias'],
    ['with a name twice', `connections: [${JSON.stringify(one)}, ${JSON.stringify(one)}]`, 'BAD_USAGE', 'inventory'],
  ] as const) {
    it(`is refused when the file is ${title}`, async () => {
      const error = await failure({config: file(text)});
      expect(error.code).to.equal(code);
      expect(error.message).to.include(words);
    });
  }
});
