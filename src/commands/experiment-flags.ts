import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {FiredrillError} from '../system/error.js';

export const fileArgument = Args.string({
  ignoreStdin: true,
  name: 'file',
  required: true,
  description: 'The experiment file (YAML or JSON).',
});

export const varFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'NAME=VALUE',
  description: 'Override a variable that the file declares; may be given several times.',
});

export const includeFromFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'FOLDER',
  description:
    'Let `include` read files below this folder too, not only below that of the file; may be given several times.',
});

export const loadToFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'HOST',
  description:
    'Let loads go to this host, which is neither this machine nor a target (`*` matches anything); may be given several times. Where a policy names such hosts, it decides.',
});

/**
 * `--var name=value` pairs as a mapping.
 * @throws FiredrillError BAD_USAGE for a pair without `=` or a name given twice.
 */
export function parseVars(pairs: readonly string[] = []): Readonly<Record<string, string>> {
  const vars: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new FiredrillError('BAD_USAGE', `Expected \`--var NAME=VALUE\`; got \`${pair}\`.`);
    const name = pair.slice(0, at);
    if (name in vars) throw new FiredrillError('BAD_USAGE', `Expected each \`--var\` once; got \`${name}\` twice.`);
    vars[name] = pair.slice(at + 1);
  }
  return vars;
}
