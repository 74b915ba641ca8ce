/**
 * Fields that readers, judges and undos go by. A secret that happens to read like one of them ("docker", "undone") must
 * not tear the record or lose a debt; values of secrets are in none of them, because experiment and debts hold
 * references.
 */
const AS_IS: ReadonlySet<string> = new Set([
  ...['type', 'by', 'audience', 'at', 'boot', 'run', 'phase', 'when', 'what', 'answer', 'level', 'unit'],
  ...['id', 'occurrence', 'fault', 'nature', 'heal', 'metric', 'check', 'name', 'mode', 'source', 'sha256'],
  ...[
    'driver',
    'kind',
    'endpoint',
    'object',
    'incarnation',
    'target',
    'facet',
    'state',
    'debt',
    'debts',
    'outcome',
    'because',
    'reason',
  ],
]);

/**
 * A copy of a value with the secrets taken out of its texts. Works on the texts one by one, never on their JSON: a
 * secret like `5000` would turn numbers into something that nobody can read back.
 */
export function redactTexts<T>(value: T, redact: (text: string) => string): T {
  return copy(value, redact) as T;
}

function copy(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(item => copy(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, isAsIs(key, field) ? field : copy(field, redact)]),
  );
}

/** Lists and objects under such a name are looked into, but for debts: an undo is carried out as it is read back. */
function isAsIs(key: string, field: unknown): boolean {
  return AS_IS.has(key) && (typeof field === 'string' || key === 'debts');
}
