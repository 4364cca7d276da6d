/**
 * Names that SQL can distinguish, in the given order. DuckDB's identifiers ignore case, are not empty, and have neither
 * NUL nor lone surrogates; everything else stays unchanged. Of two equal names the later one gets a number.
 */
export function uniqueNames(names: readonly string[]): string[] {
  // A valid name is kept, whatever names are made for earlier columns.
  const kept = new Set<string>()
  const first = names.map((name) => {
    if (!isIdentifier(name) || kept.has(name.toLowerCase())) return undefined
    kept.add(name.toLowerCase())
    return name
  })
  return names.map((name, index) => first[index] ?? firstFree(toIdentifier(name), kept))
}

/** Whether a text can be a quoted identifier unchanged. */
export function isIdentifier(name: string): boolean {
  return name !== '' && !name.includes('\0') && name.isWellFormed()
}

function toIdentifier(name: string): string {
  return name === '' ? '_' : name.replaceAll('\0', '\ufffd').toWellFormed()
}

function firstFree(name: string, taken: Set<string>): string {
  let candidate = name
  for (let number = 2; taken.has(candidate.toLowerCase()); number++) candidate = `${name}_${number}`
  taken.add(candidate.toLowerCase())
  return candidate
}
