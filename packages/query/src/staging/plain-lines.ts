import type { ColumnType } from '../columns/column-type.js'
import type { Column } from '../columns/columns.js'

/*
 * To parse every line takes as long as all the rest together. Most lines are plain: the fields of the definition, in the
 * order of the line before, each a value of its type without escapes. One regular expression tells them; whatever it does
 * not match is parsed.
 */

const text = '"[^"\\\\\\x00-\\x1f]*(?:\\\\["\\\\/bfnrt][^"\\\\\\x00-\\x1f]*)*"'
// DuckDB reads signed zeros and numbers beyond the range differently.
const number = '(?:-?[1-9]\\d{0,99}(?:\\.\\d+)?|-?0\\.\\d+|0)(?:e[+-]?\\d{1,2})?'
const boolean = '(?:true|false)'
const days =
  '(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8])'
const date = `(?!0000)\\d{4}-(?:${days})`
const time = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,3})?Z'
const listOf = (item: string) => `\\[(?:${item}(?:,${item})*)?\\]`
/** Values inside values, to four levels. Each alternative begins otherwise, so nothing is tried twice. */
const inside = (...more: string[]) => `[[{](?:${['[-+.,:0-9a-zE]', text, ...more].join('|')})*[\\]}]`
const nested = inside(inside(inside(inside())))
const anything = `(?:${[text, number, boolean, nested].join('|')})`

const patterns: Readonly<Record<ColumnType, string>> = {
  VARCHAR: text,
  DOUBLE: number,
  BOOLEAN: boolean,
  TIMESTAMP: `"${date}T${time}"`,
  DATE: `"${date}"`,
  'VARCHAR[]': listOf(text),
  'DOUBLE[]': listOf(number),
  JSON: anything,
}

/** So many fields a line may have to be looked at so: a line that does not match costs the square of them. */
const mostFields = 100

/** How many lines may differ before the order of the fields is learnt again, and how often that is done. */
const patience = 64
const mostOrders = 16

/** Tells plain lines of a resource, and learns from those that are not in which order the fields stand. */
export function plainLines(columns: readonly Column[], misfits: ReadonlySet<Column>) {
  const known = new Map(
    columns.flatMap((column) => (column.field === column.key ? [[column.field, column]] : [])),
  )
  let pattern: RegExp | undefined
  let misses = patience
  let orders = known.size <= mostFields ? 0 : mostOrders

  return {
    /** The id of the line that begins there, if it is plain; text and id are bytes as text. */
    idOf(text: string, from: number): string | undefined {
      if (pattern === undefined) return undefined
      pattern.lastIndex = from
      if (!pattern.test(text)) return undefined
      const start = from + beginning.length
      return text.slice(start, text.indexOf('"', start))
    },
    /** Where the line feed of the line is that was found to be plain. */
    end: (): number => (pattern?.lastIndex ?? 0) - 1,
    /** Says which fields a line has that was not plain. */
    learn(fields: readonly string[]): void {
      misses += 1
      if (misses <= patience || orders >= mostOrders) return
      const first = fields.filter((field) => field !== 'id' && known.has(field))
      const order = new Set([...first, ...known.keys()])
      order.delete('id')
      pattern = patternOf(
        [...order].flatMap((field) => known.get(field) ?? []),
        misfits,
      )
      misses = 0
      orders += 1
    },
  }
}

/**
 * A text as its UTF-8, one character a byte. In this form lines are looked at: it is made at once, and places in it are
 * places of bytes.
 */
export function bytesAsText(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** How plain lines begin. No character of an id is escaped in them. */
const beginning = '{"id":"'

function patternOf(columns: readonly Column[], misfits: ReadonlySet<Column>): RegExp {
  const fields = columns.map((column) => {
    const value = patterns[misfits.has(column) ? 'JSON' : column.type]
    return `(?:,${escaped(bytesAsText(JSON.stringify(column.key)))}:(?:${value}|null))?`
  })
  return new RegExp(`\\${beginning}[^"\\\\\\x00-\\x1f]*"${fields.join('')}\\}\\n`, 'y')
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
