/** `open`: nobody has decided. `refused again`: it was replayed, and refused once more, so it is open too. */
export const letterStates = ['open', 'refused again', 'replayed', 'discarded'] as const
export type LetterState = (typeof letterStates)[number]
export const undecided: readonly LetterState[] = ['open', 'refused again']
