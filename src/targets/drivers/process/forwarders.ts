import {FiredrillError} from '../../../system/error.js';
import {commandLine, statOf, type ProcessIdentity} from '../../../system/processes.js';
import type {Ambient} from '../../contract.js';

/**
 * Programs of container engines that hold a published port and only pass on what comes. The kernel cuts a name at 15
 * characters.
 */
const FORWARDER = /^(docker-proxy|rootlessport(-ch.*)?|rootlesskit|slirp4netns|pasta(\.avx2)?|conmon)$/;

interface Listener {
  readonly who: ProcessIdentity;
  readonly comm: string;
}

/**
 * Those of the owners of a port that serve on it themselves. Who hits what holds a published port of a container breaks
 * the way to the container, and nothing in it.
 * @throws FiredrillError TARGET_UNSUITABLE where there is only a container behind it, by name where an engine of this
 *         machine tells it
 */
export async function serving(
  port: number,
  owners: readonly ProcessIdentity[],
  ambient: Ambient,
): Promise<readonly ProcessIdentity[]> {
  const found = await Promise.all(
    owners.map(async (who): Promise<Listener> => ({who, comm: (await statOf(who.pid))?.comm ?? ''})),
  );
  const own = found.filter(({comm}) => !FORWARDER.test(comm));
  if (own.length > 0) return own.map(({who}) => who);
  const {publisherOf} = await import('../docker/engine/published.js');
  const container = await publisherOf(port, ambient);
  const [forwarder] = found;
  if (forwarder === undefined && container === undefined) return [];
  const behind = container === undefined ? await addressBehind(forwarder) : `container \`${container}\``;
  const holds = forwarder === undefined ? 'the engine' : `\`${forwarder.comm}\` (pid ${forwarder.who.pid})`;
  throw new FiredrillError(
    'TARGET_UNSUITABLE',
    `Expected a process on port ${port}; it is a published port of ${behind}, to which ${holds} only passes on what comes.`,
    {hint: `Select the container instead: \`docker: ${container ?? 'NAME'}\`.`},
  );
}

/** As docker-proxy is told it: `-container-ip 172.17.0.2`. */
async function addressBehind(forwarder: Listener | undefined): Promise<string> {
  const args = forwarder === undefined ? [] : await commandLine(forwarder.who.pid);
  const at = args.indexOf('-container-ip');
  return at === -1 ? 'a container' : `the container at ${args[at + 1] ?? ''}`;
}
