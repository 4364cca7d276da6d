/** DuckDB types that columns of resources have. */
export type ColumnType =
  | 'VARCHAR'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'DATE'
  | 'VARCHAR[]'
  | 'DOUBLE[]'
  | 'JSON'

/** Attribute types of s3db.js by the DuckDB type that holds every value of theirs. All others are JSON. */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  ...every('VARCHAR', 'string text email url uuid enum secret password slug objectID id currency'),
  ...every('VARCHAR', 'ip4 ip6 mac cidr semver phone color duration cron ean timeonly time'),
  ...every('DOUBLE', 'number integer int float money crypto decimal'),
  ...every('BOOLEAN', 'boolean bool'),
  ...every('TIMESTAMP', 'date datetime'),
  ...every('DATE', 'dateonly'),
  ...every('DOUBLE[]', 'embedding vector'),
}

function every(type: ColumnType, names: string): Record<string, ColumnType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]))
}

/**
 * The DuckDB type of an attribute as a manifest defines it: `string|required`, `money:4`, `{ type: 'number' }`,
 * `array|items:string`. Nested, unknown and other definitions are JSON, which can hold anything.
 */
export function columnTypeOf(definition: unknown): ColumnType {
  if (typeof definition === 'string') return ofText(definition)
  if (typeof definition !== 'object' || definition === null || !('type' in definition)) return 'JSON'
  const { type } = definition
  if (type === 'array') return listOf('items' in definition ? definition.items : undefined)
  return typeof type === 'string' ? ofText(type) : 'JSON'
}

function ofText(definition: string): ColumnType {
  const [first = '', ...rules] = definition.split('|')
  const [name = ''] = first.trim().split(':')
  if (name === 'array') return listOf(rules.find((rule) => rule.startsWith('items:'))?.slice('items:'.length))
  return Object.hasOwn(columnTypes, name) ? (columnTypes[name] ?? 'JSON') : 'JSON'
}

function listOf(items: unknown): ColumnType {
  const item = columnTypeOf(items)
  if (item === 'VARCHAR') return 'VARCHAR[]'
  return item === 'DOUBLE' ? 'DOUBLE[]' : 'JSON'
}
