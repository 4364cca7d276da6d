import type { Link } from '../chain/read-index.js'
import { parseJsonText } from '../format/json-text.js'
import { lineFeed, longestLineEver } from '../format/lines.js'
import type { Part } from '../manifest.js'
import { damagedLines, type Stretch } from './damaged-lines.js'
import type { KnownMembers } from './known-members.js'
import type { Piece, Proof } from './piece.js'
import { pieces } from './pieces.js'
import { proveLines } from './prove-lines.js'

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
   * Stored bytes: `from` up to, not including, `to`. Lines that extend into them are lost as well. Of proven bytes only
   * `lines` are lost: the first of them is not JSON.
   */
  readonly bytes: { readonly from: number; readonly to: number }
  /** Lines of the part, counted from 1; an unknown end is omitted. */
  readonly lines: { readonly first?: number | undefined; readonly last?: number | undefined }
  /** Lines among these that were still recovered, because the key index proves them. Omitted if there are none. */
  readonly saved?: number | undefined
}

/** A stretch without gaps: its beginning and end may be cut within a line. */
interface Run {
  readonly from: number
  to: number
  lines: number
  /** Lines that were proved singly in the damaged stretch before it. */
  before: Saved
  /** The unfinished last line; `undefined` while the rest of a cut first line is skipped. */
  rest: Uint8Array[] | undefined
}

/** All that can be had of a part: the lines that are proven, and what is lost, once its extent is known. */
export async function* salvagePart(
  link: Link,
  part: Part,
  members: KnownMembers,
): AsyncGenerator<SalvagedLines | Loss> {
  const { file, resource, holds } = part
  const { context } = link
  const runs: Run[] = []
  let contentBytes = 0
  /** Gives back what is proved of the stretch between two runs, or after the last one. */
  async function* between(last: Run | undefined, next: { from: number; content: Uint8Array }) {
    const stretch = stretchOf(last, next)
    if (stretch.to <= stretch.from) return nothing
    const found = await proveLines(link, part, await damagedLines(context, part, stretch))
    const lines = found.flatMap(({ proved, value }) => (proved ? [value] : []))
    if (lines.length > 0) yield { type: 'records', resource, holds, file, lines, proof: 'index' } as const
    return savedOf(found)
  }
  for await (const piece of pieces(context, part, await members(part))) {
    // Never more than was written: a few bytes of another file may decode to any size.
    contentBytes += piece.content.byteLength
    if (contentBytes > part.contentBytes) break
    const before = runs.at(-1)?.to === piece.from ? nothing : yield* between(runs.at(-1), piece)
    const run = runOf(piece, runs, before)
    const text = take(piece.content, run)
    const { lines, rest } = parse(text)
    if (lines.length > 0) yield { type: 'records', resource, holds, file, lines, proof: piece.proof }
    const first = run.lines + lines.length + 1
    run.lines += lines.length + rest
    if (rest === 0) continue
    const numbers = run.from === 0 ? { first, last: run.lines } : {}
    yield { type: 'lost', resource, holds, file, bytes: { from: piece.from, to: piece.to }, lines: numbers }
  }
  const after = yield* between(runs.at(-1), { from: part.bytes, content: new Uint8Array(0) })
  for (const gap of gapsOf(runs, part, after)) yield { type: 'lost', resource, holds, file, ...gap }
}

/** The run that a piece continues, or a new one. */
function runOf(piece: Piece, runs: Run[], before: Saved): Run {
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

/** The proved lines of a damaged stretch: at its beginning, at its end, and in between. */
interface Saved {
  readonly first: number
  readonly last: number
  readonly others: number
}

const nothing: Saved = { first: 0, last: 0, others: 0 }

function savedOf(lines: readonly { readonly proved: boolean }[]): Saved {
  const first = lines.findIndex(({ proved }) => !proved)
  if (first === -1) return { ...nothing, first: lines.length }
  const last = lines.length - 1 - lines.findLastIndex(({ proved }) => !proved)
  const others = lines.filter(({ proved }) => proved).length - first - last
  return { first, last, others }
}

function stretchOf(last: Run | undefined, { from, content }: { from: number; content: Uint8Array }): Stretch {
  const before = last === undefined ? new Uint8Array(0) : last.rest && Buffer.concat(last.rest)
  return { from: last?.to ?? 0, to: from, before, after: content.subarray(0, content.indexOf(lineFeed) + 1) }
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
 * The values of the lines, up to one that is not JSON, and how many lines begin there. Those belong to another file or
 * writer: a few bytes may hold millions of them, so they are counted and not parsed.
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

type Gap = Pick<Loss, 'bytes' | 'lines' | 'saved'>

function gapsOf(runs: readonly Run[], { bytes, records }: Part, after: Saved): Gap[] {
  const [first] = runs
  const last = runs.at(-1)
  if (bytes === 0 && records === 0) return []
  const edges = [
    ...runs.map(({ from, to, before }) => ({ from, to, before })),
    { from: bytes, to: bytes, before: after },
  ]
  const head = first?.from === 0 ? first.lines : 0
  const tail = last?.to === bytes ? last.lines : 0
  const gaps: { from: number; to: number; saved: Saved }[] = []
  let at = 0
  for (const { from, to, before } of edges) {
    if (from > at) gaps.push({ from: at, to: from, saved: before })
    at = Math.max(at, to)
  }
  return gaps.map(({ from, to, saved }, index) => {
    const isFirst = index === 0
    const isLast = index === gaps.length - 1
    // What is known of the end of a stretch says how many lines there are behind those that were proved at its beginning.
    const others = saved.others + (isFirst ? 0 : saved.first) + (isLast ? 0 : saved.last)
    return {
      bytes: { from, to },
      lines: {
        ...(isFirst ? { first: head + saved.first + 1 } : {}),
        ...(isLast ? { last: records - tail - saved.last } : {}),
      },
      ...(others === 0 ? {} : { saved: others }),
    }
  })
}
