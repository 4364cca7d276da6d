/** The ancestors of a backup, nearest first, as far as they are known. */
export function ancestorsOf(
  id: string,
  entries: ReadonlyMap<string, { readonly parent: string | null }>,
): string[] {
  const above: string[] = []
  for (let next = entries.get(id)?.parent; next != null && next !== id && !above.includes(next); ) {
    above.push(next)
    next = entries.get(next)?.parent
  }
  return above
}
