import type { ResourceEntry } from '@s3db-backup/core'
import { type ColumnType, columnTypeOf } from './column-type.js'
import { isIdentifier, uniqueNames } from './unique-names.js'

/** A column of a table. */
export interface Column {
  /** Its name in SQL. */
  readonly name: string
  /** The field of a record that it shows; `null` for the column of what is not in the definition. */
  readonly field: string | null
  readonly type: ColumnType
  /** The field's name in the files that DuckDB reads. */
  readonly key: string
}

/** The column of fields that the resource's definition does not name, as one JSON object. */
const restName = '_rest'

/**
 * The columns of a resource: its id, its attributes in the order of the definition, the times that s3db.js keeps, and
 * one for what the definition does not name.
 */
export function columnsOf({ attributes, timestamps }: ResourceEntry): Column[] {
  const fields = new Map<string, ColumnType>([['id', 'VARCHAR']])
  for (const [field, definition] of Object.entries(attributes))
    if (field !== 'id') fields.set(field, columnTypeOf(definition))
  if (timestamps)
    for (const field of ['createdAt', 'updatedAt']) if (!fields.has(field)) fields.set(field, 'TIMESTAMP')
  const wanted = [...fields.keys(), restName]
  const names = uniqueNames(wanted)
  const keys = keysFor(wanted, names)
  return names.map((name, index) => {
    const field = index === wanted.length - 1 ? undefined : wanted[index]
    const type = field === undefined ? undefined : fields.get(field)
    return { name, field: field ?? null, type: type ?? 'JSON', key: keys[index] ?? name }
  })
}

/** A field whose name DuckDB accepts keeps it, so that lines can be read as stored. */
function keysFor(fields: readonly string[], names: readonly string[]): string[] {
  return names.map((name, index) =>
    name === fields[index] && isIdentifier(name) && index !== names.length - 1 ? name : `\u0001${index}`,
  )
}
