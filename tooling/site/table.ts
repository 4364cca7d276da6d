/** A table; a `|` in a cell does not end it. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = rows.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rest.map(line)].join('\n')
}
