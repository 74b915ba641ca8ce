import {accessSync, constants} from 'node:fs';
import {FiredrillError} from '../../system/error.js';

/** Where tools are found: a service manager may have started us with less. */
export const TOOL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin';

/** Whether this machine has a tool. */
export function isInstalled(tool: string): boolean {
  return TOOL_PATH.split(':').some(folder => {
    try {
      accessSync(`${folder}/${tool}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @throws FiredrillError CAPABILITY_MISSING where a tool is not installed. */
export function needTool(tool: string, what: string, aptPackage: string): void {
  if (isInstalled(tool)) return;
  throw new FiredrillError('CAPABILITY_MISSING', `${what} needs \`${tool}\` on this machine; it is not installed.`, {
    hint: `Install it: apt-get install ${aptPackage} (or your system's package of that name).`,
  });
}
