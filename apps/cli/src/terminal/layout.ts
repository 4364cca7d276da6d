import Table from 'cli-table3'
import { inOneLine } from './visible.js'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right' | undefined
}

const gap = 2

/**
 * A table without lines, as wide as it needs. On a screen that is too narrow the last columns are left out,
 * one by one, so that no row wraps.
 *
 * @param width characters on the screen; `undefined` for no limit
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: {
    readonly width: number | undefined
    readonly head: (title: string) => string
    /** Cells have lines of their own, and are safe to show. */
    readonly lines?: boolean | undefined
  },
): string {
  const cells = options.lines === true ? rows : rows.map((row) => row.map(inOneLine))
  for (let count = columns.length; ; count--) {
    const text = render(columns.slice(0, count), cells, options.head)
    if (count <= 1 || options.width === undefined || fits(text, options.width)) return text
  }
}

function render(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  head: (title: string) => string,
): string {
  const nothing = Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
      .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
      .map((place) => [place, '']),
  )
  const drawn = new Table({
    head: columns.map(({ title }) => head(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: { ...nothing, middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  })
  for (const row of rows) drawn.push(columns.map((_, index) => row[index] ?? ''))
  return drawn.toString().replaceAll(/ +$/gm, '')
}

/** Whether no line of a text is longer than the screen is wide. */
export function fits(text: string, width: number): boolean {
  return text.split('\n').every((line) => visible(line).length <= width)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences begin with one.
const colorSequence = /\x1b\[[0-9;]*m/g

function visible(line: string): string {
  return line.replaceAll(colorSequence, '')
}
