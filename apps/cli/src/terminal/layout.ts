import stringWidth from 'string-width'
import { inOneLine } from './visible.js'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right' | undefined
}

const gap = '  '

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
  const shown = options.lines === true ? rows : rows.map((row) => row.map(inOneLine))
  const grid = [columns.map(({ title }) => options.head(title)), ...shown.flatMap(linesOfRow)]
  const widths = columns.map((_, index) =>
    grid.reduce((widest, row) => Math.max(widest, stringWidth(row[index] ?? '')), 0),
  )
  const fitting = columns.slice(0, howManyFit(widths, options.width))
  return grid
    .map((row) =>
      fitting
        .map(({ align }, index) => padded(row[index] ?? '', widths[index] ?? 0, align))
        .join(gap)
        .replace(/ +$/, ''),
    )
    .join('\n')
}

/** A row whose cells have several lines, as one row for each line. */
function linesOfRow(row: readonly string[]): (readonly string[])[] {
  if (!row.some((cell) => cell.includes('\n'))) return [row]
  const cells = row.map((cell) => cell.split('\n'))
  const height = Math.max(...cells.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) => cells.map((cell) => cell[line] ?? ''))
}

/** How many of the columns a screen has room for; the first it shows in any case. */
function howManyFit(widths: readonly number[], width = Number.POSITIVE_INFINITY): number {
  let [count, end] = [0, -gap.length]
  for (const one of widths) {
    end += gap.length + one
    if (end > width) break
    count++
  }
  return Math.max(1, count)
}

function padded(cell: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(cell)))
  return align === 'right' ? space + cell : cell + space
}

/** Whether no line of a text is longer than the screen is wide. */
export function fits(text: string, width: number): boolean {
  return text.split('\n').every((line) => stringWidth(line) <= width)
}
