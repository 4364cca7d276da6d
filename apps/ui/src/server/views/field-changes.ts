/** A field that differs between two states of a record: its values as JSON, nothing where it is not there. */
export interface FieldChange {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

/** Values that are longer are cut. */
const longest = 2000
const most = 200

/** The fields that differ, in the order in which the records have them. Objects and lists are compared as a whole. */
export function fieldChanges(before: object | undefined, after: object | undefined): FieldChange[] {
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .flatMap((field) => {
      const [from, to] = [jsonOf(old, field), jsonOf(now, field)]
      return from === to ? [] : [{ field, from: cut(from), to: cut(to) }]
    })
    .slice(0, most)
}

function jsonOf(fields: ReadonlyMap<string, unknown>, field: string): string | null {
  return fields.has(field) ? (JSON.stringify(fields.get(field)) ?? null) : null
}

function cut(text: string | null): string | null {
  return text !== null && text.length > longest ? `${text.slice(0, longest)}…` : text
}
