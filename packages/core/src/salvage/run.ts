import { parseJsonText } from '../format/json-text.js'
import { lineFeed, longestLineEver } from '../format/lines.js'
import type { Stretch } from './damaged-lines.js'
import type { Proven, Saved } from './losses.js'
import type { Piece } from './piece.js'

/** A proven stretch while it grows: its beginning and end may be cut within a line. */
export interface Run extends Proven {
  to: number
  lines: number
  /** The unfinished last line; `undefined` while the rest of a cut first line is skipped. */
  rest: Uint8Array[] | undefined
}

/** The run that a piece continues, or a new one. */
export function runOf(piece: Piece, runs: Run[], before: Saved): Run {
  const last = runs.at(-1)
  if (last?.to === piece.from) {
    last.to = piece.to
    return last
  }
  const rest = piece.from === 0 ? [] : undefined
  const run = { from: piece.from, to: piece.to, lines: 0, before, rest }
  runs.push(run)
  return run
}

/** The damaged stretch between a run and what follows it, with the halves of the lines that it cuts. */
export function stretchOf(
  last: Run | undefined,
  { from, content }: { from: number; content: Uint8Array },
): Stretch {
  const before = last === undefined ? new Uint8Array(0) : last.rest && Buffer.concat(last.rest)
  return { from: last?.to ?? 0, to: from, before, after: content.subarray(0, content.indexOf(lineFeed) + 1) }
}

/** The whole lines that the content completes, each with its line feed. */
export function take(content: Uint8Array, run: Run): string {
  let begin = 0
  if (run.rest === undefined) {
    begin = content.indexOf(lineFeed) + 1
    if (begin === 0) return ''
    run.rest = []
  }
  const end = content.lastIndexOf(lineFeed) + 1
  if (end <= begin) {
    const held = run.rest.reduce((sum, bytes) => sum + bytes.byteLength, 0)
    run.rest = held > longestLineEver ? undefined : [...run.rest, content.subarray(begin)]
    return ''
  }
  const whole = Buffer.concat([...run.rest, content.subarray(begin, end)])
  run.rest = end < content.byteLength ? [content.subarray(end)] : []
  return whole.toString('utf8')
}

/**
 * The values of the lines, up to one that is not JSON, and how many lines begin there. Those belong to another file or
 * writer: a few bytes may hold millions of them, so they are counted and not parsed.
 */
export function parse(text: string): { lines: unknown[]; rest: number } {
  const lines: unknown[] = []
  let from = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    const parsed = parseLine(text.slice(from, end))
    if (parsed === undefined) break
    lines.push(parsed.value)
    from = end + 1
  }
  let rest = 0
  for (let end = text.indexOf('\n', from); end !== -1; end = text.indexOf('\n', end + 1)) rest += 1
  return { lines, rest }
}

function parseLine(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJsonText(line) }
  } catch {
    return undefined
  }
}
