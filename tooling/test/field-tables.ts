import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A row of a table of fields in a document: below `<!-- fields: name -->`. */
export interface DocumentedField {
  readonly field: string
  readonly type: string
  readonly mayBeAbsent: boolean
}

/** The tables of fields in the document of the format, by the names of the objects. */
export function fieldTables(): Map<string, DocumentedField[]> {
  const text = readFileSync(join(root, 'packages/core/docs/format-v1.md'), 'utf8')
  const tables = [...text.matchAll(/<!-- fields: ([\w-]+) -->\n\n((?:\|.*\n)+)/g)]
  return new Map(
    tables.map(([, name = '', table = '']) => [
      name,
      table
        .trim()
        .split('\n')
        .slice(2)
        .map((row) => {
          const [, field = '', type = '', absent = ''] = row.split('|').map((cell) => cell.trim())
          if (absent !== 'never' && absent !== 'may') throw new Error(`${name}: ${row}`)
          return { field: field.replaceAll('`', ''), type, mayBeAbsent: absent === 'may' }
        }),
    ]),
  )
}

interface Samples {
  readonly yes: readonly unknown[]
  readonly no: readonly unknown[]
}

const hash = 'a'.repeat(64)
const text: Samples = { yes: ['', 'x', '\ud800'], no: [null, 1, {}, ['x']] }
const count: Samples = { yes: [0, 1, 2 ** 53 - 1], no: [-1, 0.5, 2 ** 53, '1', null] }
const listOf = ({ yes, no }: Samples): Samples => ({
  yes: [[], ...yes.map((one) => [one]), [...yes]],
  no: [...no.map((one) => [one]), null, 'x', {}],
})
const orNull = ({ yes, no }: Samples): Samples => ({
  yes: [...yes, null],
  no: no.filter((one) => one !== null),
})

/** What the types of the document take and refuse. */
const samples: Readonly<Record<string, Samples>> = {
  text,
  name: { yes: ['x'], no: ['', null, 1] },
  count,
  bytes: count,
  size: { yes: [1, 1000], no: [0, ...count.no] },
  boolean: { yes: [true, false], no: [null, 0, 'true'] },
  time: {
    yes: ['2024-03-15T14:30:45.000Z', '2024-03-15T14:30:45Z', '0000-02-29T23:59:59.123456789012Z'],
    no: ['yesterday', '2024-03-15', '2024-03-15T14:30:45+01:00', '2024-02-30T14:30:45Z', 0, null],
  },
  hash: { yes: [hash], no: ['a', hash.toUpperCase(), `${hash}0`, '', null] },
  file: {
    yes: ['x', '.x', 'ü …', 'x'.repeat(255), '😀'.repeat(255), '\ud800'],
    no: ['x'.repeat(256), '😀'.repeat(256), '', '.', '..', 'a/b', 'a\\b', 'a\n', '\u007f', null],
  },
  object: { yes: [{}, { a: [] }], no: [[], null, 'x'] },
  any: { yes: [null, 0, 'x', [], {}], no: [] },
  jsonl: { yes: ['jsonl'], no: ['csv', null] },
  'completed or incomplete': { yes: ['completed', 'incomplete'], no: ['fine', null] },
  's3db-backup-keys/1': { yes: ['s3db-backup-keys/1'], no: ['s3db-backup-keys/2', null] },
  base64: { yes: ['AAAA'], no: ['?', null] },
  id: { yes: ['a', 'A.b-c_1', 'x'.repeat(64)], no: ['', '.a', 'x'.repeat(65), null] },
}

/** What a type of the document takes and refuses; nothing of one that has a table of its own. */
export function samplesOf(type: string): Samples {
  const plain = type.replaceAll('`', '')
  const known = samples[plain]
  if (known !== undefined) return known
  if (plain.endsWith(' or null')) return orNull(samplesOf(plain.slice(0, -' or null'.length)))
  if (plain.startsWith('list of ')) return listOf(samplesOf(plain.slice('list of '.length)))
  return { yes: [], no: [null, 7] }
}

/** What of a table is not so, given whether a value can be read, and one that can. */
export function whatIsNotSo(
  table: readonly DocumentedField[],
  { names, valid, reads }: { names: readonly string[]; valid: object; reads: (value: object) => boolean },
): string[] {
  const documented = table.map(({ field }) => field)
  return [
    ...names.filter((name) => !documented.includes(name)).map((name) => `${name} is not in the table`),
    ...documented.filter((name) => !names.includes(name)).map((name) => `${name} is in the table alone`),
    ...(reads(valid) ? [] : ['what is valid cannot be read']),
    ...table.flatMap(({ field, type, mayBeAbsent }) => {
      const { [field]: _, ...without } = valid as Record<string, unknown>
      const taken = (value: unknown) => reads({ ...valid, [field]: value })
      const { yes, no } = samplesOf(type)
      return [
        ...(reads(without) === mayBeAbsent ? [] : [`${field} may ${mayBeAbsent ? 'not ' : ''}be absent`]),
        ...yes.filter((one) => !taken(one)).map((one) => `${field} cannot be ${JSON.stringify(one)}`),
        ...no.filter((one) => taken(one)).map((one) => `${field} can be ${JSON.stringify(one)}`),
      ]
    }),
  ]
}
