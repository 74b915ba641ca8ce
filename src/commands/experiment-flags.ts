import {Args, Flags} from '@oclif/core';
import {FiredrillError} from '../system/error.js';

export const fileArgument = Args.string({
  name: 'file',
  required: true,
  description: 'The experiment file (YAML or JSON).',
});

export const varFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  default: [],
  helpValue: 'NAME=VALUE',
  description: 'Override a variable that the file declares; may be given several times.',
});

/**
 * `--var name=value` pairs as a mapping.
 * @throws FiredrillError BAD_USAGE for a pair without `=` or a name given twice.
 */
export function parseVars(pairs: readonly string[]): Readonly<Record<string, string>> {
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
