import {createHash} from 'node:crypto';
import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';
import {bootId} from '../system/clock.js';
import type {InstanceView} from './protocol.js';

function read(what: () => string): string {
  try {
    return what().trim();
  } catch {
    return '';
  }
}

/**
 * Who this process is. `endpoint` names the place (this machine, this control address): it survives a restart of the
 * process, so that a debt of before finds its way. `incarnation` names the process: pid, its start in clock ticks, its
 * pid namespace, the boot. Whoever is in the same namespace can thereby see that it is dead even when nothing answers.
 */
export function describeInstance(control: string): InstanceView {
  const place = [read(() => readFileSync('/etc/machine-id', 'utf8')), hostname(), control].join('\n');
  // Field 22; the command in field 2 may hold spaces and parentheses, so count from the last one.
  const stat = read(() => readFileSync('/proc/self/stat', 'utf8'));
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  const namespace = read(() => readlinkSync('/proc/self/ns/pid')).replace(/\D/g, '');
  const start = ticks === '' ? new Date(performance.timeOrigin).toISOString() : ticks;
  return {
    endpoint: createHash('sha256').update(place).digest('hex').slice(0, 16),
    incarnation: [process.pid, start, namespace, bootId()].join('/'),
    pid: process.pid,
    protocol: 1,
    authenticated: true,
  };
}
