/** A name as SQL's quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as SQL's literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
