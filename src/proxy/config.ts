import {readFile} from 'node:fs/promises';
import * as z from 'zod';
import {describeError, FiredrillError} from '../system/error.js';
import {isLoopback, parseAddress, type Address} from './address.js';
import {describeIssues} from './toxics/registry.js';

/** What `firedrill proxy` was told on the command line. */
export interface ProxyFlags {
  readonly listen?: string | undefined;
  readonly upstream?: string | undefined;
  readonly name?: string | undefined;
  readonly control?: string | undefined;
  /** Path of a YAML or JSON file with several connections; instead of the first three. */
  readonly config?: string | undefined;
}

export interface ProxyConfig {
  readonly control: Address;
  readonly connections: readonly {readonly name: string; readonly listen: Address; readonly upstream: Address}[];
}

const DEFAULT_CONTROL = '127.0.0.1:8474';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const MAX_CONFIG_BYTES = 1024 * 1024;

const fileSchema = () =>
  z.strictObject({
    control: z.string().optional(),
    connections: z
      .array(z.strictObject({name: z.string(), listen: z.string(), upstream: z.string()}))
      .min(1)
      .max(100),
  });

/** The checked configuration. Throws BAD_USAGE, FILE_UNREADABLE or FILE_INVALID. */
export async function readConfig(flags: ProxyFlags): Promise<ProxyConfig> {
  const {config, listen, upstream, name} = flags;
  if (config !== undefined) {
    if (listen !== undefined || upstream !== undefined || name !== undefined) {
      throw new FiredrillError('BAD_USAGE', 'Expected either --config or --listen, --upstream and --name; got both.');
    }
    const file = await readConfigFile(config);
    return checked(file.connections, flags.control ?? file.control);
  }
  if (listen === undefined || upstream === undefined || name === undefined) {
    throw new FiredrillError('BAD_USAGE', 'Expected --listen, --upstream and --name, or --config FILE.', {
      hint: 'For example: firedrill proxy --name inventory --listen 127.0.0.1:9001 --upstream 127.0.0.1:8082',
    });
  }
  return checked([{name, listen, upstream}], flags.control);
}

function checked(
  given: readonly {readonly name: string; readonly listen: string; readonly upstream: string}[],
  controlText = DEFAULT_CONTROL,
): ProxyConfig {
  const control = parseAddress(controlText, 'control', 0);
  if (!isLoopback(control.host)) {
    throw new FiredrillError('BAD_USAGE', `control: expected a loopback address; got \`${controlText}\``, {
      hint: 'Whoever reaches the control API can break the traffic, so it is served to this machine only.',
    });
  }
  const names = new Set<string>();
  const connections = given.map(({name, listen, upstream}) => {
    if (!NAME.test(name)) {
      throw new FiredrillError('BAD_USAGE', `name: expected letters, digits, \`.\`, \`_\`, \`-\`; got \`${name}\``);
    }
    if (names.has(name)) throw new FiredrillError('BAD_USAGE', `Two connections are named \`${name}\`.`);
    names.add(name);
    return {
      name,
      listen: parseAddress(listen, `listen of ${name}`, 0),
      upstream: parseAddress(upstream, `upstream of ${name}`),
    };
  });
  return {control, connections};
}

async function readConfigFile(path: string): Promise<z.infer<ReturnType<typeof fileSchema>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new FiredrillError('FILE_UNREADABLE', `\`${path}\` cannot be read: ${describeError(cause)}`, {cause});
  }
  if (text.length > MAX_CONFIG_BYTES) {
    throw new FiredrillError('FILE_UNREADABLE', `\`${path}\` is larger than ${MAX_CONFIG_BYTES} bytes.`);
  }
  const {parse} = await import('yaml');
  let data: unknown;
  try {
    data = parse(text, {maxAliasCount: 0});
  } catch (cause) {
    throw new FiredrillError('FILE_INVALID', `\`${path}\` is not YAML or JSON: ${describeError(cause)}`);
  }
  const result = fileSchema().safeParse(data);
  if (result.success) return result.data;
  throw new FiredrillError('FILE_INVALID', `\`${path}\`: ${describeIssues(result.error)}`, {
    hint: 'Expected `connections:` as a list of {name, listen, upstream}.',
  });
}
