import { parseJsonText } from '../format/json-text.js'
import { lineFeed, longestLineEver } from '../format/lines.js'
import type { ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import type { Piece, Proof } from './piece.js'
import { pieces } from './pieces.js'

/** Lines of one part that are proven intact. */
export interface SalvagedLines {
  readonly type: 'records'
  readonly resource: string
  /** `rows`, `raw` or `deleted`. */
  readonly holds: string
  readonly file: string
  /** What each line says, parsed. */
  readonly lines: readonly unknown[]
  readonly proof: Proof
}

/** A stretch of a part that is lost. */
export interface Loss {
  readonly type: 'lost'
  readonly resource: string
  readonly holds: string
  readonly file: string
  /**
   * Stored bytes: `from` up to, not including, `to`. Lines that reach into them are lost as well. Of bytes that
   * are proven only `lines` are: the first of them is no JSON.
   */
  readonly bytes: { readonly from: number; readonly to: number }
  /** Lines of the part, counted from 1; an end that cannot be told is left out. */
  readonly lines: { readonly first?: number | undefined; readonly last?: number | undefined }
}

/** A stretch without gaps: its beginning and end may be cut within a line. */
interface Run {
  readonly from: number
  to: number
  lines: number
  /** The unfinished last line; nothing while the rest of a cut first line is passed over. */
  rest: Uint8Array[] | undefined
}

/** All that can be had of a part: the lines that are proven, and what is lost, once its extent is known. */
export async function* salvagePart(context: ReadContext, part: Part): AsyncGenerator<SalvagedLines | Loss> {
  const { file, resource, holds } = part
  const runs: Run[] = []
  let contentBytes = 0
  for await (const piece of pieces(context, part)) {
    // No more than was written: a few bytes of another file may decode to more than anybody can read.
    contentBytes += piece.content.byteLength
    if (contentBytes > part.contentBytes) break
    const run = runOf(piece, runs)
    const text = take(piece.content, run)
    const { lines, rest } = parse(text)
    if (lines.length > 0) yield { type: 'records', resource, holds, file, lines, proof: piece.proof }
    const first = run.lines + lines.length + 1
    run.lines += lines.length + rest
    if (rest === 0) continue
    const numbers = run.from === 0 ? { first, last: run.lines } : {}
    yield { type: 'lost', resource, holds, file, bytes: { from: piece.from, to: piece.to }, lines: numbers }
  }
  for (const gap of gapsOf(runs, part)) yield { type: 'lost', resource, holds, file, ...gap }
}

/** The run that a piece continues, or a new one. */
function runOf(piece: Piece, runs: Run[]): Run {
  const last = runs.at(-1)
  if (last?.to === piece.from) {
    last.to = piece.to
    return last
  }
  const run = { from: piece.from, to: piece.to, lines: 0, rest: piece.from === 0 ? [] : undefined }
  runs.push(run)
  return run
}

/** The whole lines that the content completes, each with its line feed. */
function take(content: Uint8Array, run: Run): string {
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
 * What the lines say, up to one that is no JSON, and how many lines begin there. Those are of another file, or a
 * stranger's: millions of them, as may be in few bytes, are counted and not looked at.
 */
function parse(text: string): { lines: unknown[]; rest: number } {
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

type Gap = Pick<Loss, 'bytes' | 'lines'>

function gapsOf(runs: readonly Run[], { bytes, records }: Part): Gap[] {
  const [first] = runs
  const last = runs.at(-1)
  if (bytes === 0 && records === 0) return []
  if (first === undefined || last === undefined)
    return [{ bytes: { from: 0, to: bytes }, lines: { first: 1, last: records } }]
  const edges = [...runs.map(({ from, to }) => ({ from, to })), { from: bytes, to: bytes }]
  const head = first.from === 0 ? first.lines : 0
  const tail = last.to === bytes ? last.lines : 0
  const gaps: { from: number; to: number }[] = []
  let at = 0
  for (const { from, to } of edges) {
    if (from > at) gaps.push({ from: at, to: from })
    at = Math.max(at, to)
  }
  return gaps.map((gap, index) => ({
    bytes: gap,
    lines: {
      ...(index === 0 ? { first: head + 1 } : {}),
      ...(index === gaps.length - 1 ? { last: records - tail } : {}),
    },
  }))
}
