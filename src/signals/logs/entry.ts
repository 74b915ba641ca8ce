import type {LogEvent} from './folding.js';

/** What an event of a log says. */
export interface LogEntry {
  /** Without the time and the level at its beginning. */
  readonly message: string;
  /** By its level, or because it carries a stack trace. */
  readonly isError: boolean;
  /** When it happened by the clock of whoever wrote it, ms since 1970; only of times that name their zone. */
  readonly writtenMs?: number;
}

const MESSAGES = ['message', 'msg', '@message', 'log', 'event', 'text', 'error', 'err'];
const LEVELS = ['level', 'severity', 'lvl', 'levelname', 'log.level', 'loglevel', 'log_level', 'status'];
const TIMES = ['time', 'timestamp', '@timestamp', 'ts', 'datetime', 'date'];

const ERROR_LEVEL = /^(?:error|err|severe|critical|crit|fatal|alert|emerg(?:ency)?|panic)$/i;
/** Numbers as pino and bunyan write them: 50 is an error, 60 the end. */
const NUMBERED_ERROR = 50;

/** Time at the beginning, with or without brackets. */
const TIME =
  /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\s?(?:Z|[+-]\d\d:?\d\d)|\s?UTC)?)\]?[\s|:-]{0,3}/;
const OTHER_TIMES =
  /^(?:\d{4}[/-]\d\d[/-]\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?[\s|:-]{1,3}|^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]\s|^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\s/;
const ZONED = /(?:Z|[+-]\d\d:?\d\d|UTC)$/;

/** A level stands in capitals, in brackets, as `level=…`, or right at the beginning; `0 errors` is none. */
const WRITTEN_LEVEL =
  /(?:^|[\s[|<(])(ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|EMERG|ALERT|PANIC|WARN|WARNING|NOTICE|INFO|LOG|DEBUG|TRACE)(?=[\s\]:|>),]|$)|\[(error|err|fatal|critical|crit|severe|emerg|alert|panic|warn|warning|notice|info|debug|trace)\]|\b(?:level|lvl|severity)=["']?(\w{1,12})|^(error|fatal|panic|critical|warning|info|debug)\b(?=:)|^([EFWI])\d{4} \d\d:\d\d:\d\d/;
const GLOG: Readonly<Record<string, string>> = {E: 'error', F: 'fatal', W: 'warning', I: 'info'};
/** How far into a line its level may stand. */
const LEVEL_WITHIN = 160;
const EXCEPTION = /^(?:[\w$]+\.)*[\w$]*(?:Exception|Error)\b(?=[:\s]|$)|^Traceback \(most recent call last\)|^panic: /;

/** The level that a line says it has; undefined where it says none. */
function levelIn(text: string): string | undefined {
  const found = WRITTEN_LEVEL.exec(text.slice(0, LEVEL_WITHIN));
  if (found === null) return undefined;
  const [, capitals, bracketed, named, first, glog] = found;
  return capitals ?? bracketed ?? named ?? first ?? GLOG[glog ?? ''];
}

function timeIn(text: string): number | undefined {
  if (!ZONED.test(text)) return undefined;
  const ms = Date.parse(
    text
      .replace(',', '.')
      .replace(/^(\S+) (\d)/, '$1T$2')
      .replace(/\s?UTC$/, 'Z')
      .replace(/\s/g, ''),
  );
  return Number.isFinite(ms) ? ms : undefined;
}

function fieldOf(record: Readonly<Record<string, unknown>>, names: readonly string[]): string | number | undefined {
  for (const name of names) {
    const value = record[name] ?? name.split('.').reduce<unknown>(below, record);
    if (typeof value === 'string' || typeof value === 'number') return value;
    const inner = below(value, 'message');
    if (typeof inner === 'string') return inner;
  }
  return undefined;
}

function below(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

/** Milliseconds or seconds since 1970, or a date. */
function jsonTime(value: unknown): number | undefined {
  if (typeof value === 'string') return timeIn(value);
  if (typeof value !== 'number' || value < 1e9) return undefined;
  return value < 1e11 ? value * 1000 : value;
}

function jsonRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function ofJson(record: Readonly<Record<string, unknown>>, text: string): LogEntry {
  const message = fieldOf(record, MESSAGES);
  const level = fieldOf(record, LEVELS);
  const status = fieldOf(record, [
    'status',
    'statusCode',
    'status_code',
    'res.statusCode',
    'http.response.status_code',
  ]);
  const writtenMs = jsonTime(fieldOf(record, TIMES));
  const said = message === undefined ? text : String(message);
  return {
    message: isStatus(status) ? `${said} status=${status}` : said,
    isError: typeof level === 'number' && level < 100 ? level >= NUMBERED_ERROR : ERROR_LEVEL.test(String(level)),
    ...(writtenMs === undefined ? {} : {writtenMs}),
  };
}

const isStatus = (value: string | number | undefined) => /^[1-5]\d\d$/.test(String(value));

/** Reads an event: a JSON record by its message and level, a line by the time and level that it is written with. */
export function readEntry({head, detail}: LogEvent): LogEntry {
  const record = jsonRecord(head);
  if (record !== undefined) return ofJson(record, head);
  const time = TIME.exec(head);
  const rest = (time === null ? head : head.slice(time[0].length)).replace(OTHER_TIMES, '');
  const level = levelIn(rest);
  const writtenMs = time?.[1] === undefined ? undefined : timeIn(time[1]);
  const isError = level === undefined ? EXCEPTION.test(rest) || detail !== undefined : ERROR_LEVEL.test(level);
  return {
    message: detail === undefined ? rest : `${rest} ${detail}`,
    isError,
    ...(writtenMs === undefined ? {} : {writtenMs}),
  };
}
