import { compareIds } from '../format/compare-ids.js'
import { lineFeed } from '../format/lines.js'
import type { Span } from './span.js'

/** The id that a line, given without its line feed, is about. */
type IdOf = (line: Uint8Array) => string

/**
 * The lines whose ids are in a span, from pieces of whole lines with ascending ids. A binary search finds where they
 * begin and end: it parses a dozen of the thousands of lines of a member. `onEnd` is called when a later id was found.
 */
export async function* linesIn(
  pieces: AsyncIterable<Uint8Array>,
  { from, to }: Span,
  idOf: IdOf,
  onEnd?: () => void,
): AsyncGenerator<Uint8Array> {
  let begun = from === undefined
  for await (const lines of pieces) {
    const start = begun || from === undefined ? 0 : startOf(from, lines, 0, idOf)
    if (start === lines.byteLength) continue
    begun = true
    const end = to === undefined ? lines.byteLength : startOf(to, lines, start, idOf)
    if (end < lines.byteLength) onEnd?.()
    if (end > start) yield lines.subarray(start, end)
    if (end < lines.byteLength) return
  }
}

/**
 * The start of the first line, from a place on, whose id is the given one or a later one; the end if there is none. The
 * place is the start of a line.
 */
function startOf(id: string, lines: Uint8Array, from: number, idOf: IdOf): number {
  const isBefore = (start: number, end: number) => compareIds(idOf(lines.subarray(start, end)), id) < 0
  const begin = (place: number) => (place === 0 ? 0 : lines.lastIndexOf(lineFeed, place - 1) + 1)
  let [low, high] = [from, lines.byteLength]
  // Most pieces of a long span end before the end of the span, and a record is one line.
  if (isBefore(begin(high - 1), high - 1)) return high
  for (let next = 0; next < linesAtHand && low < high; next++) {
    const end = lines.indexOf(lineFeed, low)
    if (!isBefore(low, end)) return low
    low = end + 1
  }
  while (low < high) {
    const middle = (low + high) >> 1
    const [start, end] = [begin(middle), lines.indexOf(lineFeed, middle)]
    if (isBefore(start, end)) low = end + 1
    else high = start
  }
  return low
}

/** Lines that are looked at one by one before the rest is halved. */
const linesAtHand = 2
