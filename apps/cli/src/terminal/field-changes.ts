import type { Terminal } from './terminal.js'
import { inOneLine } from './visible.js'

/** A field that differs between two states of a record: its values as JSON, `undefined` if absent. */
export interface FieldChange {
  readonly field: string
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The fields that differ, in the order in which the records have them. Objects and lists are compared as a whole. */
export function changesBetween(before: object | undefined, after: object | undefined): FieldChange[] {
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((field) => {
    const [from, to] = [old, now].map((fields) =>
      fields.has(field) ? JSON.stringify(fields.get(field)) : undefined,
    )
    return from === to ? [] : [{ field, from, to }]
  })
}

/** The fields, each with its value before and after. */
export function printFields(terminal: Terminal, fields: readonly FieldChange[]): void {
  const { red, green } = terminal.colors
  for (const { field, from, to } of fields) {
    if (from !== undefined) terminal.print(red(inOneLine(`  - ${field}: ${from}`)))
    if (to !== undefined) terminal.print(green(inOneLine(`  + ${field}: ${to}`)))
  }
}
