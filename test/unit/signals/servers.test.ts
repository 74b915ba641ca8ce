import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {noValue} from '../../../src/signals/missing.js';
import {firstToAnswer, NoneAnswered, noneOf, type AskServer} from '../../../src/signals/network/servers.js';

const answers =
  (value: string): AskServer<string> =>
  () =>
    Promise.resolve(value);
const fails =
  (why: string): AskServer<string> =>
  () =>
    Promise.reject(new Error(why));
/** Never answers; says when it is cut. */
const hangs =
  (cut: string[], name: string): AskServer<string> =>
  signal =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        cut.push(name);
        reject(new Error('cut'));
      });
    });

describe('several servers', () => {
  const never = new AbortController().signal;

  it('are asked in the order of the list, until one answers', async () => {
    const asked: string[] = [];
    const noted =
      (name: string, ask: AskServer<string>): AskServer<string> =>
      signal => {
        asked.push(name);
        return ask(signal);
      };
    const list = [noted('a', fails('a')), noted('b', answers('b')), noted('c', answers('c'))];
    expect(await firstToAnswer(list, never)).to.equal('b');
    expect(asked).to.deep.equal(['a', 'b']);
  });

  it('go on to the next one beside one that hangs, which is cut then', async () => {
    const cut: string[] = [];
    expect(await firstToAnswer([hangs(cut, 'a'), answers('b')], never)).to.equal('b');
    expect(cut).to.deep.equal(['a']);
  });

  it('say what went wrong with each, in their order', async () => {
    const slow: AskServer<string> = () => delay(300).then(() => Promise.reject(new Error('slow')));
    const error = await firstToAnswer([slow, fails('b')], never).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(NoneAnswered);
    expect((error as NoneAnswered).errors.map(one => (one as Error).message)).to.deep.equal(['slow', 'b']);
  });

  it('are all cut when the time is up', async () => {
    const cut: string[] = [];
    const error: unknown = await firstToAnswer([hangs(cut, 'a'), hangs(cut, 'b')], AbortSignal.timeout(350)).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).to.contain('TimeoutError');
    expect(cut).to.deep.equal(['a', 'b']);
  });

  it('count as a failure of the target unless one of them could not be asked', () => {
    const [role, refused, question] = [
      noValue('role', 'it answers as replica'),
      noValue('refused', 'connection refused'),
      noValue('question', 'the server: NOAUTH'),
    ] as const;
    expect(noneOf([role])).to.deep.equal(role);
    expect(noneOf([role, refused])).to.deep.equal({
      ...refused,
      why: 'server 1: it answers as replica; server 2: connection refused',
    });
    expect(noneOf([refused, question]).missing.because).to.equal('ours');
  });
});
