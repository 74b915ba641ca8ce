import * as z from 'zod';
import type {NotifierSpec} from '../notifiers/spec.js';
import {showValue} from '../quantities/schema.js';
import {readFields} from './checking/entry.js';
import type {Problem} from './problem.js';
import {openDocument} from './reading/document.js';
import {notify} from './schema/notify.js';

/** What holds for every run on a machine, and restricts none; what does is in the policy. */
export interface Configuration {
  readonly notify: readonly NotifierSpec[];
}

/** The fields of a configuration file. */
export const configurationFields = () => ({
  version: z
    .literal(1, {error: issue => `expected \`1\`; got ${showValue(issue.input)}`})
    .describe('Version of the file format.'),
  notify: notify(),
});

export type ParsedConfiguration =
  | {readonly configuration: Configuration; readonly problems: readonly []}
  | {readonly configuration?: undefined; readonly problems: readonly Problem[]};

/** Reads a configuration file: all problems at once, or the configuration. */
export function parseConfiguration(file: string, content: string | Uint8Array): ParsedConfiguration {
  const problems: Problem[] = [];
  const report = openDocument({file, content}, 'expected a configuration: a mapping with `version`, …', problems);
  if (report === undefined) return {problems};
  const {notify: places} = readFields(configurationFields(), report);
  return problems.length > 0 || places === undefined ? {problems} : {configuration: {notify: places}, problems: []};
}
