import type { Part } from '../manifest.js'

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

/** A stretch of a part without gaps that was proven. */
export interface Proven {
  readonly from: number
  readonly to: number
  readonly lines: number
  /** Lines that were proved singly in the damaged stretch before it. */
  readonly before: Saved
}

/** The proved lines of a damaged stretch: at its beginning, at its end, and in between. */
export interface Saved {
  readonly first: number
  readonly last: number
  readonly others: number
}

export const nothing: Saved = { first: 0, last: 0, others: 0 }

/** Counts the lines of a damaged stretch that were proved. */
export function savedOf(lines: readonly { readonly proved: boolean }[]): Saved {
  const first = lines.findIndex(({ proved }) => !proved)
  if (first === -1) return { ...nothing, first: lines.length }
  const last = lines.length - 1 - lines.findLastIndex(({ proved }) => !proved)
  const others = lines.filter(({ proved }) => proved).length - first - last
  return { first, last, others }
}

/** Where a loss lies. */
export type Gap = Pick<Loss, 'bytes' | 'lines' | 'saved'>

/** What is lost between the runs of a part, before the first and after the last one. `after` was proved behind that. */
export function gapsOf(runs: readonly Proven[], { bytes, records }: Part, after: Saved): Gap[] {
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
