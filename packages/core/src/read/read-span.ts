import { parseJsonText } from '../format/json-text.js'
import { fromLines, lineFeed, longestLineEver, wholeLines } from '../format/lines.js'
import { idIn } from '../format/members.js'
import { readContent, readTextLines, type TextLine } from '../format/part-reader.js'
import { damaged, nameOf, type ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import { linesIn } from './lines-in.js'
import { readMembers } from './read-units.js'
import { isAfter, isBefore, type Span } from './span.js'
import { type Place, type Unit, unitsIn } from './units.js'

/** A line of a part, and the id that it is about. */
export interface SpanLine extends TextLine {
  readonly id: string
  readonly part: Part
}

/**
 * The lines of one kind whose ids are in a span, a batch at a time, in the order in which they are stored. Where the
 * backup has offsets, little more than the span is read, and every byte is compared with a hash before it is decoded.
 * Without them, or where the ids do not ascend, the parts are read as a whole.
 */
export async function* readSpan(place: Place, holds: string, span: Span): AsyncGenerator<SpanLine[]> {
  const { context } = place.link
  const all = place.units(holds)
  const units = place.ordered ? unitsIn(all, span) : all
  for (const run of runsOf(units)) {
    const seen = { end: false }
    const onEnd = () => {
      seen.end = true
    }
    for await (const lines of linesOf(place, run, all, { span, onEnd })) {
      const found: SpanLine[] = []
      for (const line of lines) {
        const id = idOf(line.value, context, run.part)
        if (!isBefore(span, id) && !isAfter(span, id)) found.push({ ...line, id, part: run.part })
      }
      if (found.length > 0) yield found
    }
    if (seen.end) return
  }
}

/** Units of one part that follow one another. */
interface UnitRun {
  readonly part: Part
  readonly units: readonly Unit[]
}

function runsOf(units: readonly Unit[]): UnitRun[] {
  const runs: { part: Part; units: Unit[] }[] = []
  for (const unit of units) {
    const last = runs.at(-1)
    if (last?.part === unit.part) last.units.push(unit)
    else runs.push({ part: unit.part, units: [unit] })
  }
  return runs
}

/** One record is in one or two members: the second is fetched only if the first does not have all of it. */
function isNarrow(units: readonly Unit[], { from, to }: Span): boolean {
  return units.length <= 2 && from !== undefined && to !== undefined
}

async function* linesOf(
  place: Place,
  { part, units }: UnitRun,
  all: readonly Unit[],
  { span, onEnd }: { readonly span: Span; readonly onEnd: () => void },
): AsyncGenerator<TextLine[]> {
  const { context } = place.link
  const [first] = units
  const isWhole = first?.member === undefined
  const isSought = place.ordered && (span.from !== undefined || span.to !== undefined)
  if (isWhole && !isSought) return yield* readTextLines(context, part)
  const content = isWhole ? readContent(context, part) : contentOf(context, units, all, span)
  const longest = Math.min(part.longestLine, longestLineEver)
  const name = nameOf(context, part)
  const whole = wholeLines(content, longest, name)
  const lines = first?.first === undefined ? whole : beginningWith(whole, first.first, context, part)
  const idOfLine = (line: Uint8Array) => idOf(parseLine(textOf(line), context, part), context, part)
  const sought = isSought ? linesIn(lines, span, idOfLine, onEnd) : lines
  for await (const texts of fromLines(sought, longest, name))
    yield texts.map((text) => ({ text, value: parseLine(text, context, part) }))
}

/** The content from the first line that begins in the first member on. */
async function* contentOf(
  context: ReadContext,
  units: readonly Unit[],
  all: readonly Unit[],
  span: Span,
): AsyncGenerator<Uint8Array> {
  const [first] = units
  const last = units.at(-1)
  if (first === undefined || last === undefined) return
  const skipped = first.first?.at ?? 0
  let begun = false
  for await (const content of readMembers(context, units, !isNarrow(units, span))) {
    yield begun ? content : content.subarray(skipped)
    begun = true
  }
  // The last line of a span may end in a later member in which no line begins. That member is read only if the line
  // is incomplete.
  const rest = all.slice(all.indexOf(last) + 1).filter((unit) => unit.part === first.part)
  yield* readMembers(context, rest, false)
}

/** Throws `corrupt` unless the first of the lines is about the record that the offsets name. */
async function* beginningWith(
  chunks: AsyncIterable<Uint8Array>,
  first: NonNullable<Unit['first']>,
  context: ReadContext,
  part: Part,
): AsyncGenerator<Uint8Array> {
  let expected: Unit['first'] = first
  for await (const lines of chunks) {
    if (expected !== undefined) {
      const line = textOf(lines.subarray(0, lines.indexOf(lineFeed)))
      if (idIn(parseLine(line, context, part)) !== expected.id)
        throw damaged(context, part, 'its offsets are wrong: a member begins with another record')
      expected = undefined
    }
    yield lines
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
}

function parseLine(text: string, context: ReadContext, part: Part): unknown {
  try {
    return parseJsonText(text)
  } catch (cause) {
    throw damaged(context, part, 'a line is not JSON', {}, cause)
  }
}

function idOf(value: unknown, context: ReadContext, part: Part): string {
  const id: unknown = Array.isArray(value) ? value[0] : Object(value).id
  if (typeof id === 'string') return id
  throw damaged(context, part, 'a line has no id')
}
