import {parseWithUnit, plainNumber} from './number.js';

const BYTES: readonly (readonly [string, number])[] = [
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
];
const SIZES = new Map(BYTES);
const BANDWIDTHS = new Map([
  ...BYTES.map(([unit, factor]) => [`${unit}/s`, factor] as const),
  ['bit/s', 1 / 8] as const,
  ['kbit/s', 1e3 / 8] as const,
  ['Mbit/s', 1e6 / 8] as const,
  ['Gbit/s', 1e9 / 8] as const,
]);

/** What sizes and bandwidths look like in a file, as regular expressions for the JSON Schema. */
export const SIZE_PATTERN = '^\\d+(\\.\\d+)? ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$';
export const BANDWIDTH_PATTERN = '^\\d+(\\.\\d+)? ?((B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)|[kMG]?bit)/s$';

/** Whole bytes from `64MiB`, `1.5GB`; undefined when the text is no size (a unit is required). */
export function parseSize(text: string): number | undefined {
  const bytes = parseWithUnit(text, SIZES);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** Bytes per second from `1MiB/s`, `10Mbit/s`; undefined when the text is no bandwidth (a unit is required). */
export function parseBandwidth(text: string): number | undefined {
  return parseWithUnit(text, BANDWIDTHS);
}

/** `64MiB`, `1.5GiB`, `100B`. */
export function formatSize(bytes: number): string {
  if (bytes < 0) return `-${formatSize(-bytes)}`;
  const [unit, factor] = (
    [
      ['TiB', 2 ** 40],
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10],
    ] as const
  ).find(([, factor]) => bytes >= factor) ?? ['B', 1];
  return `${plainNumber(bytes / factor, 2)}${unit}`;
}

const DECIMAL = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
] as const;

/** `1MiB/s`, or `500kB/s` where only that is exact: as it was written. */
export function formatBandwidth(bytesPerSecond: number): string {
  const binary = formatSize(bytesPerSecond);
  const [unit, factor] = DECIMAL.find(([, one]) => bytesPerSecond >= one) ?? ['B', 1];
  const decimal = plainNumber(bytesPerSecond / factor, 2);
  const isExact = (text: string, of: number) => Number(text) * of === bytesPerSecond;
  const steps = 1024 ** Math.floor(Math.log2(Math.max(1, bytesPerSecond)) / 10);
  if (isExact(binary.replace(/[A-Za-z]+$/, ''), steps) || !isExact(decimal, factor)) return `${binary}/s`;
  return `${decimal}${unit}/s`;
}
