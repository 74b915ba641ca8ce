/** What a run does around its faults, for itself: no fault, but owed like one. */
export interface AroundStep {
  /** A process that Firedrill starts, a command that prepares the run, one that is owed at its end. */
  readonly kind: 'start' | 'prepare' | 'cleanup';
  readonly name: string;
}

/** No name of a fault holds `#`. */
const AROUND = /^(?:(start) |#(prepare|cleanup) )(.+)$/s;

/** The occurrence under which a step around the faults is kept. */
export function aroundOccurrence({kind, name}: AroundStep): string {
  // As earlier versions wrote it.
  return kind === 'start' ? `start ${name}` : `#${kind} ${name}`;
}

/** The step that was kept under this occurrence; undefined for an injection. */
export function aroundOf(occurrence: string): AroundStep | undefined {
  const [, start, other, name = ''] = AROUND.exec(occurrence) ?? [];
  const kind = start ?? other;
  return kind === undefined ? undefined : {kind: kind as AroundStep['kind'], name};
}
