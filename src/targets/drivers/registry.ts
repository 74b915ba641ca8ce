import {FiredrillError} from '../../system/error.js';
import type {Driver, DriverName} from '../contract.js';

/** Drivers by name, loaded only when a file or a debt names them: their SDKs are expensive to import. */
const DRIVERS: Readonly<Partial<Record<DriverName, () => Promise<{driver: Driver}>>>> = {
  docker: () => import('./docker/driver.js'),
  kubernetes: () => import('./kubernetes/driver.js'),
  process: () => import('./process/driver.js'),
  proxy: () => import('./proxy/driver.js'),
  toxiproxy: () => import('./toxiproxy/driver.js'),
  command: () => import('./command/driver.js'),
};

export async function loadDriver(name: DriverName): Promise<Driver> {
  const load = DRIVERS[name];
  if (load === undefined) throw new FiredrillError('CAPABILITY_MISSING', `No driver \`${name}\` in this version.`);
  return (await load()).driver;
}
