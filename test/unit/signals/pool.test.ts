import {setTimeout as delay} from 'node:timers/promises';
import {expect} from 'chai';
import {Pool} from '../../../src/signals/load/stores/pool.js';

class Line {
  lost = false;
  readonly ended: string[] = [];

  constructor(readonly number: number) {}

  cut(): void {
    this.lost = true;
    this.ended.push('cut');
  }
}

/** A pool of lines, each of which says when it was opened and how it ended. */
function poolOf(
  most: number,
  connecting: (number: number, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
) {
  const lines: Line[] = [];
  let asked = 0;
  const pool = new Pool<Line>({
    most,
    connect: async signal => {
      await connecting(++asked, signal);
      const line = new Line(asked);
      lines.push(line);
      return line;
    },
    abandon: line => {
      line.ended.push('abandoned');
      line.cut();
    },
    leave: line => {
      line.ended.push('left');
      return Promise.resolve();
    },
    spoils: error => error instanceof Error && error.message === 'spoilt',
  });
  return {pool, lines, asked: () => asked};
}

const never = new AbortController().signal;
const number = (line: Line) => Promise.resolve(line.number);
const slow = async (line: Line) => {
  await delay(5);
  return line.number;
};
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('connections of a load to a store', () => {
  it('are opened when they are needed, used again, and never more than there may be', async () => {
    const {pool, lines} = poolOf(2);
    expect(await pool.use(number, never)).to.equal(1);
    expect(await pool.use(number, never)).to.equal(1);
    const all = await Promise.all(Array.from({length: 20}, () => pool.use(slow, never)));
    expect(lines.length).to.equal(2);
    expect(new Set(all)).to.deep.equal(new Set([1, 2]));
    await pool.close();
    expect(lines.map(({ended}) => ended)).to.deep.equal([['left'], ['left']]);
  });

  it('go to whoever has waited longest', async () => {
    const {pool} = poolOf(1);
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4].map(nth =>
        pool
          .use(slow, never)
          .then(() => pool.use(number, never))
          .then(() => order.push(nth)),
      ),
    );
    expect(order).to.deep.equal([1, 2, 3, 4]);
  });

  it('are not used again once they are lost, spoilt or given up, and make room for others', async () => {
    const {pool, lines} = poolOf(1);
    await pool.use(number, never);
    lines[0]!.lost = true;
    expect(await pool.use(number, never)).to.equal(2);
    expect(await refusal(pool.use(() => Promise.reject(new Error('refused')), never))).to.equal('refused');
    expect(await pool.use(number, never), 'after a refusal').to.equal(2);
    expect(await refusal(pool.use(() => Promise.reject(new Error('spoilt')), never))).to.equal('spoilt');
    expect(await pool.use(number, never)).to.equal(3);
    const given = new AbortController();
    const hanging = pool.use(() => delay(50), given.signal);
    const next = pool.use(number, never);
    await delay(1);
    given.abort(new Error('given up'));
    await hanging.catch(() => undefined);
    expect(lines[2]!.ended).to.include('abandoned');
    expect(await next).to.equal(4);
  });

  it('that cannot be opened fail the request that needs it, and nobody else', async () => {
    let broken = true;
    const {pool, asked} = poolOf(2, () => (broken ? Promise.reject(new Error('refused')) : Promise.resolve()));
    const many = await Promise.all([1, 2, 3, 4, 5].map(() => refusal(pool.use(number, never))));
    expect(many).to.deep.equal(Array<string>(5).fill('refused'));
    expect(asked()).to.equal(5);
    broken = false;
    expect(await Promise.all([1, 2, 3].map(() => refusal(pool.use(slow, never))))).to.deep.equal([
      'none',
      'none',
      'none',
    ]);
    expect(asked()).to.equal(7);
  });

  it('leave those alone who no longer wait', async () => {
    const hang = (_: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut off'))));
    const {pool, asked} = poolOf(1, (nth, signal) => (nth === 1 ? hang(nth, signal) : Promise.resolve()));
    const [first, second] = [new AbortController(), new AbortController()];
    const opening = refusal(pool.use(number, first.signal));
    const waiting = refusal(pool.use(number, second.signal));
    const third = pool.use(number, never);
    second.abort(new Error('no longer'));
    expect(await waiting).to.equal('no longer');
    expect(asked()).to.equal(1);
    first.abort();
    expect(await opening).to.equal('cut off');
    expect(await third).to.equal(2);
    expect(await refusal(pool.use(number, second.signal))).to.equal('no longer');
  });
});
