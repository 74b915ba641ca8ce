import {stat} from 'node:fs/promises';
import {formatShare} from '../../quantities/share.js';
import {formatSize} from '../../quantities/size.js';
import type {Amount} from '../contract.js';
import {usedShare, type Space} from './fill-file.js';
import {machineMemory, memoryMargin} from './machine.js';
import type {StressRefusal} from './stress-plan.js';

const GIB = 2 ** 30;
/** A machine whose own disk has less than this left stops working in ways that nobody asked for. */
const LEAST_MARGIN = 2 ** 28;

/** What a fill is asked for. */
export interface FillRequest extends Amount {
  readonly marginBytes: number | undefined;
}

/** Where it goes. */
export interface FillSite {
  readonly space: Space;
  /** The target runs as root, who may use what the file system keeps back from others. */
  readonly asRoot: boolean;
  /** The machine itself needs this file system. */
  readonly isMachines: boolean;
}

/** The folders whose file systems a machine needs to live. */
const VITAL = ['/', '/var', '/tmp', '/home'];

/** Whether the machine (or what lives in one of the further folders) needs the file system that holds this folder. */
export async function isMachinesOwn(folder: string, further: readonly string[]): Promise<boolean> {
  const device = (path: string) =>
    stat(path).then(
      ({dev}) => dev,
      () => undefined,
    );
  const its = await device(folder);
  const vital = await Promise.all([...VITAL, ...further].map(device));
  return its === undefined || vital.includes(its);
}

function marginOf({marginBytes}: FillRequest, {space, isMachines}: FillSite): number {
  if (!isMachines) return marginBytes ?? 0;
  return Math.max(LEAST_MARGIN, marginBytes ?? Math.max(GIB, 0.05 * space.total));
}

/** How many bytes to write, or why that must not be. */
export function planFill(
  request: FillRequest,
  site: FillSite,
): {readonly bytes: number; readonly left: number} | StressRefusal {
  const {space, asRoot} = site;
  const used = space.total - space.freeForRoot;
  const usable = asRoot ? space.freeForRoot : space.free;
  const bytes = Math.floor(request.bytes ?? (request.share ?? 0) * (used + usable) - used);
  if (bytes <= 0) {
    return {
      problem: `has ${formatShare(usedShare(space))} of that file system in use already`,
      hint: 'Ask for a larger `share`, or for a `size`.',
    };
  }
  const margin = space.inMemory ? (request.marginBytes ?? 0) : marginOf(request, site);
  if (usable - bytes < margin) {
    return {
      problem: `has ${formatSize(usable)} free there, of which ${formatSize(margin)} must stay free; ${formatSize(bytes)} were asked for`,
      hint: `Ask for at most ${formatSize(Math.max(0, usable - margin))}${site.isMachines ? '; `margin` can lower what stays free, to 256MiB at least' : ''}.`,
    };
  }
  if (space.inMemory) {
    const {total, available} = machineMemory();
    if (bytes > available - memoryMargin(total)) {
      return {
        problem: `has a file system in memory there, and the machine keeps a margin of ${formatSize(memoryMargin(total))} of its ${formatSize(available)} free; ${formatSize(bytes)} were asked for`,
        hint: `Ask for at most ${formatSize(Math.max(0, available - memoryMargin(total)))}.`,
      };
    }
  }
  return {bytes, left: usable - bytes};
}
