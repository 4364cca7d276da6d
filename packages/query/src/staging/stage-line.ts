import type { Column } from '../columns/columns.js'
import { type Fits, fitsOf } from '../columns/fits.js'
import { jsonText } from './json-text.js'
import { plainLines } from './plain-lines.js'

/** A record as JSON.parse gives it. */
export type StoredRecord = Readonly<Record<string, unknown>>

/** A line of a part: its text, and what JSON makes of it. */
export interface RecordLine {
  readonly text: string
  readonly value: StoredRecord
}

interface Field {
  readonly column: Column
  readonly fits: Fits
  /** Whether a line with this field can be read as stored. */
  readonly stays: boolean
}

/**
 * Makes lines that DuckDB reads exactly as JSON.parse does, most of them unchanged. A line is rewritten if it has a
 * field that the definition does not name (it goes into the column of the rest), a field whose name is not an
 * identifier, lone surrogates, or numbers that DuckDB reads differently; and all of them unless they are `canonical`: a
 * field may stand twice in what others write.
 */
export function lineStager(columns: readonly Column[], { canonical }: { readonly canonical: boolean }) {
  const fields = new Map<string, Field>()
  for (const column of columns) {
    const { field, key, type } = column
    if (field !== null) fields.set(field, { column, fits: fitsOf(type), stays: key === field })
  }
  const restKey = columns.at(-1)?.key ?? ''
  const misfits = new Set<Column>()
  const plain = plainLines(columns, misfits)
  let longest = 0

  const rewritten = (value: StoredRecord, text: string): string => {
    const staged = new Map<string, unknown>()
    const rest = new Map<string, unknown>()
    for (const name in value) {
      const field = fields.get(name)
      if (field === undefined) rest.set(name, value[name])
      else staged.set(field.column.key, value[name])
    }
    if (rest.size > 0) staged.set(restKey, Object.fromEntries(rest))
    const line = jsonText(Object.fromEntries(staged), text)
    longest = Math.max(longest, Buffer.byteLength(line))
    return line
  }

  return {
    /** Columns with a value that their type does not hold: they have to be read as JSON. */
    misfits,
    /** Bytes of the longest rewritten line. */
    longest: () => longest,
    /** The id of the line that begins there, if it is certain at once that the line stays unchanged. */
    idOfPlain: (text: string, from: number): string | undefined =>
      canonical ? plain.idOf(text, from) : undefined,
    /** Where that line's line feed is. */
    endOfPlain: plain.end,
    stage({ text, value }: RecordLine): string {
      plain.learn(Object.keys(value))
      let stays = canonical
      // Objects from JSON.parse have only own fields, and this takes half the time of Object.entries.
      for (const name in value) {
        const field = fields.get(name)
        if (field === undefined) {
          stays = false
          continue
        }
        if (!field.stays) stays = false
        const item = value[name]
        if (item !== null && !field.fits(item)) misfits.add(field.column)
      }
      return stays && !isOdd(text) ? text : rewritten(value, text)
    },
  }
}

export type LineStager = ReturnType<typeof lineStager>

/** Whether a line may hold lone surrogates (they are escaped), an infinite number or a negative zero. */
function isOdd(text: string): boolean {
  return /\\u[dD][89a-fA-F]|\d[eE]\+?\d{3}|-0[,}\]]/.test(text)
}
