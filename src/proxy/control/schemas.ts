import * as z from 'zod';
import {jsonBytes, type JsonObject} from '../../quantities/json.js';

/** Longest time to live: a timer of Node holds no more than 24 days. */
const MAX_TTL_MS = 7 * 24 * 3600 * 1000;

const text = () => z.string().min(1).max(200);
const writer = {run: text(), epoch: z.int().min(0)};
const ttlMs = () => z.number().min(1).max(MAX_TTL_MS);
const object = () =>
  z.custom<JsonObject>(value => typeof value === 'object' && value !== null && !Array.isArray(value), {
    message: 'expected an object',
  });

/** An object of at most this many bytes as JSON. */
const small = (most: number) =>
  object().refine(value => jsonBytes(value) <= most, {error: `expected at most ${most} bytes`});

export const toxicBody = () =>
  z.strictObject({
    type: text(),
    attributes: object().default({}),
    direction: z.enum(['both', 'upstream', 'downstream']).default('downstream'),
    share: z.number().gt(0).max(1).default(1),
    seed: z.int().min(0).max(0xffff_ffff).default(0),
    ttlMs: ttlMs(),
    writer: z.strictObject(writer).optional(),
    incarnation: text().optional(),
  });

export const renewBody = () => z.strictObject({ttlMs: ttlMs(), run: text().optional()});

export const markBody = () =>
  z.strictObject({
    ...writer,
    hardStop: small(1024),
    debts: z.array(z.strictObject({id: text(), toxic: text(), debt: small(64 * 1024)})).max(1000),
  });

export const settledBody = () => z.strictObject({...writer, debts: z.array(text()).max(1000)});

export const stopBody = () => z.strictObject({run: text()});
