import { join } from 'node:path'
import { filesBelow } from '../../../../tooling/test/frozen-files.ts'
import type { Case, ExpectedState } from '../case.ts'

// Backups written when the format was made.

const fixtures = (folder: string) => filesBelow(join(import.meta.dirname, '../../../..', folder))

const below = (files: Map<string, Buffer>, ...ids: string[]) =>
  new Map([...files].filter(([key]) => ids.includes(key.split('/')[0]!)))

const people = [
  '{"row":{"id":"a","name":"Zoë","note":"a\\r\\nb\u2028c\u2029d","age":7}}',
  '{"row":{"id":"b","name":"日本 😀","tags":["x",null],"nested":{"":0.1,"a.b":-1e+21}}}',
  '{"row":{"id":"c","name":"\\ud800","empty":"","__proto__":{"x":1}}}',
].map((line) => JSON.parse(line))

const others = { 'odd/name': [{ row: { id: '../x' } }], empty: [] }

const stateOf = (chain: string[], resources: ExpectedState['resources']): Case['expect'] => ({
  state: { chain, status: 'completed', resources, internal: {} },
})

const one = (id: string, proves: string, title: string, more: Partial<Case> = {}): Case => ({
  name: `frozen-${id}`,
  title,
  proves: proves.split(' '),
  id,
  expect: stateOf([id], { people, ...others }),
  files: () => below(fixtures('packages/core/fixtures/format-v1'), id),
  ...more,
})

const [full, second, third] = [
  'full-2024-03-15T14-30-45-abc123',
  'incremental-2024-03-16T14-30-45-abc123',
  'incremental-2024-03-17T14-30-45-abc123',
]
const named = (names: Record<string, string>) =>
  Object.entries(names).map(([id, name]) => ({ row: { id, name } }))
const orders = (totals: Record<string, number>) =>
  Object.entries(totals).map(([id, total]) => ({ row: { id, total } }))

const link = (ids: string[], resources: ExpectedState['resources'], title: string): Case => ({
  name: `frozen-chain-${ids.length}`,
  title,
  proves: ['merge-1', 'chain-1'],
  id: ids.at(-1)!,
  expect: stateOf(ids, resources),
  files: () => below(fixtures('packages/core/fixtures/format-v1-chain'), ...ids),
})

const encryptedFull = 'full-2024-03-15T14-30-45-abc123'

export const frozen: readonly Case[] = [
  one('none', 'codec-1', 'a backup that is not compressed is read'),
  one('gzip', 'codec-1', 'a backup of gzip is read'),
  one('deflate', 'codec-1', 'a backup of deflate is read'),
  one('brotli', 'codec-1', 'a backup in brotli is read if brotli is supported', { needs: ['brotli'] }),
  one('zstd', 'codec-1', 'a backup in zstd is read if zstd is supported', { needs: ['zstd'] }),
  one('raw', 'raw-1', 'a raw form belongs to the record with its id, and may be null', {
    expect: stateOf(['raw'], {
      people: people.map((record) =>
        record.row.id === 'a'
          ? { ...record, raw: { meta: { name: 'u:Wm/Dqw==' }, body: '' } }
          : record.row.id === 'c'
            ? { ...record, raw: null }
            : record,
      ),
      ...others,
    }),
  }),
  one('two-parts', 'part-6', 'parts of one kind are read in the order of the manifest', {
    expect: stateOf(['two-parts'], {
      people: ['a', 'b', 'c'].flatMap((letter, at) =>
        [0, 1, 2].map((number) => ({
          row: { ...people[at].row, id: `${letter}${number}`, padding: 'x'.repeat(200) },
        })),
      ),
      ...others,
    }),
  }),
  one('truncated', 'part-1', 'a part that was cut is refused', { expect: { refused: 'corrupt' } }),
  one('future-version', 'seal-4', 'a later version without a seal is refused as a later version', {
    expect: { refused: 'incompatible_format' },
    list: { backups: [], damaged: ['future-version'] },
  }),
  link(
    [full],
    {
      people: named({ a: 'Ann', b: 'Zoë', c: 'Cleo', d: 'Dan' }),
      orders: orders({ o1: 0.1, o2: 2 }),
      empty: [],
    },
    'the first backup of a chain is read by itself',
  ),
  link(
    [full, second],
    { people: named({ a: 'Anna', c: 'Cleo', d: 'Dan', e: '日本 😀' }), orders: [], empty: [] },
    'an incremental backup changes, adds and deletes records',
  ),
  link(
    [full, second, third],
    {
      people: [
        { row: { id: 'a', name: 'Anna' } },
        { row: { id: 'b', name: 'Zoë again' } },
        { row: { id: 'c', name: 'Cleo', note: 'raw' }, raw: { meta: { name: 'u:Wm/Dqw==' }, body: '' } },
        { row: { id: 'd', name: 'Dan' } },
      ],
      orders: orders({ o1: 0.1 }),
      empty: [{ row: { id: 'first' } }],
    },
    'a deleted record comes back, and a raw form comes with its row',
  ),
  {
    name: 'frozen-encrypted',
    title: 'an encrypted backup is read with its key, and refused without it',
    proves: ['enc-1'],
    id: encryptedFull,
    needs: ['aws-esdk/1'],
    expect: stateOf([encryptedFull], {
      people: named({ a: 'Ann', b: 'Zoë', c: 'Cleo', d: 'Dan' }),
      orders: orders({ o1: 0.1, o2: 2 }),
      empty: [],
    }),
    files: () => below(fixtures('packages/encryption/fixtures/4'), encryptedFull),
  },
]
