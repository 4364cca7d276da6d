/** A field that differs between two states of a record: its values as JSON, `null` if absent. */
export interface FieldChange {
  readonly field: string
  readonly from: string | null
  readonly to: string | null
}

/** Values that are longer are cut, in characters. */
const longest = 2000
const most = 200
/** The limit for all values together: beyond it, the others are cut short. */
const inAll = 100_000
const few = 100

/** The fields that differ, in the order in which the records have them. Objects and lists are compared as a whole. */
export function fieldChanges(before: object | undefined, after: object | undefined): FieldChange[] {
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  const found: FieldChange[] = []
  let told = 0
  for (const field of new Set([...old.keys(), ...now.keys()])) {
    const [from, to] = [jsonOf(old, field), jsonOf(now, field)]
    if (from === to) continue
    const room = told < inAll ? longest : few
    const change = { field: cut(field, room), from: from && cut(from, room), to: to && cut(to, room) }
    told += change.field.length + (change.from?.length ?? 0) + (change.to?.length ?? 0)
    found.push(change)
    if (found.length >= most) break
  }
  return found
}

function jsonOf(fields: ReadonlyMap<string, unknown>, field: string): string | null {
  return fields.has(field) ? (JSON.stringify(fields.get(field)) ?? null) : null
}

function cut(text: string, room: number): string {
  return text.length > room ? `${text.slice(0, room)}…` : text
}
