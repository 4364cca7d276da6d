import type { Link } from '../chain/read-index.js'
import type { Part } from '../manifest.js'
import { damagedLines } from './damaged-lines.js'
import type { KnownMembers } from './known-members.js'
import { gapsOf, type Loss, nothing, savedOf } from './losses.js'
import type { Proof } from './piece.js'
import { pieces } from './pieces.js'
import { proveLines } from './prove-lines.js'
import { parse, type Run, runOf, stretchOf, take } from './run.js'

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
