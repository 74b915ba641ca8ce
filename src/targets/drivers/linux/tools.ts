import {accessSync, constants} from 'node:fs';

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
