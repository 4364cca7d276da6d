/** How the cells of a CSV file are written. */
export interface CsvStyle {
  /**
   * Puts an apostrophe before a cell that a spreadsheet would take for a formula:
   * https://owasp.org/www-community/attacks/CSV_Injection
   */
  readonly neutralize: boolean
}

/** A line of CSV (RFC 4180), without its end. Nothing at all is an empty cell; objects and lists are JSON. */
export function csvLine(cells: readonly unknown[], style: CsvStyle): string {
  return cells.map((cell) => quoted(textOf(cell), style)).join(',')
}

function textOf(cell: unknown): string {
  if (cell === undefined || cell === null) return ''
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

function quoted(text: string, { neutralize }: CsvStyle): string {
  const safe = neutralize && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
