import {parseConfiguration} from '../experiment/configuration.js';
import type {NotifierSpec} from '../notifiers/spec.js';
import type {Ports} from '../ports.js';
import {invalid, readMachineFiles} from './machine-files.js';

const FILE = {what: 'configuration', path: '/etc/firedrill/config.yaml', variable: 'FIREDRILL_CONFIG'};

/**
 * Who is told of every run on this machine: the system's configuration and the one that `$FIREDRILL_CONFIG` names.
 * @throws FiredrillError FILE_UNREADABLE, FILE_INVALID
 */
export async function notifiedByMachine(ports: Pick<Ports, 'ambient' | 'disk'>): Promise<readonly NotifierSpec[]> {
  const files = await readMachineFiles(ports, FILE);
  return files.flatMap(({file, content}) => {
    const {configuration, problems} = parseConfiguration(file, content);
    if (configuration === undefined) throw invalid(problems, 'Repair it first, or run without it.');
    return configuration.notify;
  });
}
