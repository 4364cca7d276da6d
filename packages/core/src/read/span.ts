import { compareIds } from '../format/compare-ids.js'

/** A range of ids, in the order of `compareIds`. An omitted end has no bound. */
export interface Span {
  /** The first id that is in it. */
  readonly from?: string | undefined
  /** The first id that is not in it any more. */
  readonly to?: string | undefined
}

/** The span of one id: no text is between an id and the same with U+0000 behind it. */
export function spanOf(first: string, last = first): Span {
  return { from: first, to: `${last}\u0000` }
}

export function isBefore({ from }: Span, id: string): boolean {
  return from !== undefined && compareIds(id, from) < 0
}

export function isAfter({ to }: Span, id: string): boolean {
  return to !== undefined && compareIds(id, to) >= 0
}
