import { fromLines, longestLineEver } from '../format/lines.js'
import { idIn } from '../format/members.js'
import { readTextLines, type TextLine } from '../format/part-reader.js'
import { damaged, nameOf, type ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
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
    let ended = false
    for await (const lines of linesOf(context, run, all, isNarrow(run, span))) {
      const found: SpanLine[] = []
      for (const line of lines) {
        const id = idOf(line, context, run.part)
        if (isAfter(span, id)) {
          ended = place.ordered
          if (ended) break
        } else if (!isBefore(span, id)) found.push({ ...line, id, part: run.part })
      }
      if (found.length > 0) yield found
      if (ended) break
    }
    if (ended) return
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

/** One record lies in one or two members: the second is fetched only if the first does not have all of it. */
function isNarrow({ units }: UnitRun, { from, to }: Span): boolean {
  return units.length <= 2 && from !== undefined && to !== undefined
}

function linesOf(
  context: ReadContext,
  { part, units }: UnitRun,
  all: readonly Unit[],
  narrow: boolean,
): AsyncIterable<TextLine[]> {
  const [first] = units
  if (first?.member === undefined) return readTextLines(context, part)
  // The last line of a span may end in a member that has no beginning of its own.
  const rest = all.slice(all.indexOf(units.at(-1) ?? first) + 1).filter((unit) => unit.part === part)
  return parsedLines(context, part, contentOf(context, units, rest, narrow), first.first)
}

/** The content from the first line that begins in the first member on. */
async function* contentOf(
  context: ReadContext,
  units: readonly Unit[],
  rest: readonly Unit[],
  narrow: boolean,
): AsyncGenerator<Uint8Array> {
  const skipped = units[0]?.first?.at ?? 0
  let begun = false
  for await (const content of readMembers(context, units, !narrow)) {
    yield begun ? content : content.subarray(skipped)
    begun = true
  }
  // Asked for only while a line is not complete.
  yield* readMembers(context, rest, false)
}

async function* parsedLines(
  context: ReadContext,
  part: Part,
  content: AsyncIterable<Uint8Array>,
  first: Unit['first'],
): AsyncGenerator<TextLine[]> {
  const longest = Math.min(part.longestLine, longestLineEver)
  let expected = first
  for await (const texts of fromLines(content, longest, nameOf(context, part))) {
    const lines = texts.map((text) => ({ text, value: parseLine(text, context, part) }))
    const [begin] = lines
    if (begin !== undefined && expected !== undefined && idIn(begin.value) !== expected.id)
      throw damaged(context, part, 'its offsets are not true: a member begins with another record')
    expected = undefined
    yield lines
  }
}

function parseLine(text: string, context: ReadContext, part: Part): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged(context, part, 'a line is not JSON', {}, cause)
  }
}

function idOf({ value }: TextLine, context: ReadContext, part: Part): string {
  const id: unknown = Array.isArray(value) ? value[0] : Object(value).id
  if (typeof id === 'string') return id
  throw damaged(context, part, 'a line has no id')
}
