import type {Json, JsonObject} from '../../../quantities/json.js';
import type {Op} from '../../contract.js';
import type {ProxyView, ToxicStream, ToxiproxyToxicView} from './client.js';

/** Version of the operations' arguments. */
export const VERSION = 1;

/** A toxic as it is drafted: the run, which its name will carry, is only known when it is added. */
export interface WantedToxic {
  readonly type: string;
  readonly stream: ToxicStream;
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** `latency-downstream`: one such toxic of a run at most is on a proxy. */
const idOf = ({type, stream}: WantedToxic) => `${type}-${stream}`;

/** The name under which anyone finds a toxic of Firedrill, with the run that owes its removal. */
export function nameOf(run: string, wanted: WantedToxic): string {
  return `firedrill-${run}-${idOf(wanted)}`;
}

/** The run that a toxic belongs to; undefined for one that is not Firedrill's. */
export function runOf({name}: ToxiproxyToxicView): string | undefined {
  return /^firedrill-(.+)-[a-z_]+-(?:up|down)stream$/.exec(name)?.[1];
}

/** Our own words, read back from an operation's arguments. */
export function wantedIn({args}: Pick<Op, 'args'>): readonly WantedToxic[] {
  const {toxics} = args as {toxics?: readonly WantedToxic[]};
  return toxics ?? [];
}

/** The toxic of this run, or of any, that was added for a draft. */
export function find(proxy: ProxyView, wanted: WantedToxic, run?: string): ToxiproxyToxicView | undefined {
  return proxy.toxics.find(toxic => {
    const owner = runOf(toxic);
    return owner !== undefined && (run ?? owner) === owner && toxic.name === nameOf(owner, wanted);
  });
}

/** What is not as drafted: the server takes unknown attributes and senseless values without a word. */
export function difference(there: ToxiproxyToxicView, wanted: WantedToxic): string | undefined {
  const differs = (what: string, is: Json | undefined, expected: number | string) =>
    `\`${there.name}\`: expected ${what} ${expected}; the server has ${JSON.stringify(is ?? null)}`;
  if (there.type !== wanted.type) return differs('type', there.type, wanted.type);
  if (there.stream !== wanted.stream) return differs('stream', there.stream, wanted.stream);
  // The server keeps it in 32 bits.
  if (Math.fround(there.toxicity) !== Math.fround(wanted.toxicity))
    return differs('toxicity', there.toxicity, wanted.toxicity);
  const wrong = Object.entries(wanted.attributes).find(([name, value]) => there.attributes[name] !== value);
  return wrong === undefined ? undefined : differs(wrong[0], there.attributes[wrong[0]], wrong[1]);
}

/** Named properties for the leak check. */
export function facetsOf({enabled, listen, upstream, toxics}: ProxyView): JsonObject {
  return {
    enabled,
    listen,
    upstream,
    toxics: toxics.map(({name, type, stream, toxicity, attributes}) => ({name, type, stream, toxicity, attributes})),
  };
}
