/** Longer texts are no names that a person reads, and nothing that a request could ask for. In characters. */
const longest = 4_000

/** A value whose texts are short enough to be drawn, names of fields included. Anyone may have chosen their length. */
export function shortened<T>(value: T): T
export function shortened(value: unknown): unknown {
  if (typeof value === 'string') return cut(value)
  if (Array.isArray(value)) return value.map((one) => shortened(one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [cut(name), shortened(one)]))
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
