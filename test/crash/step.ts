/** Whether an event is a step at which one can die: those that a busy machine may add or leave out are none. */
export function isStep(type: string): boolean {
  return type !== 'noted' && type !== 'proof.changed';
}
