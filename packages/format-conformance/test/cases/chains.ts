import { type Case, records, recordsOf } from '../case.ts'
import {
  type BackupContent,
  chain,
  type Fields,
  filesOf,
  full,
  lines,
  type State,
  stateOf,
} from '../writer.ts'
import { filesOfAll, people, read, refused } from './make.ts'

const users = ({ resources }: BackupContent) => resources.users!

const one = (value: number): State => ({ a: { row: { value } } })
const raw = (value: number, of: unknown): State => ({ a: { row: { value }, raw: of } })

const start: State = { a: { row: { v: 1 } }, b: { row: { v: 1 } }, c: { row: { v: 1 } } }
const next: State = { a: { row: { v: 2 } }, c: { row: { v: 1 } }, d: { row: { v: 1 } } }

const broken = (
  name: string,
  title: string,
  proves: string,
  change: (all: readonly BackupContent[]) => void,
) =>
  refused([`chain-${name}`, title, proves], (_, all) => change(all), {
    states: [start, next],
    code: 'broken_chain',
  })

/** A chain of backups of several resources, each whole or what has changed. */
const several = (
  name: string,
  title: string,
  proves: string,
  backups: () => BackupContent[],
  states: Readonly<Record<string, State>>,
): Case => ({
  name: `merge-${name}`,
  title,
  proves: proves.split(' '),
  id: backups().at(-1)!.id,
  expect: {
    state: {
      chain: backups().map(({ id }) => id),
      status: 'completed',
      resources: recordsOf(states),
      internal: {},
    },
  },
  files: () => filesOfAll(backups()),
})

const link = (turn: number, resources: BackupContent['resources'], manifest: Fields = {}): BackupContent => ({
  ...full(`b${turn}`, {}),
  resources,
  manifest: turn === 0 ? manifest : { parent: `b${turn - 1}`, backupType: 'incremental', ...manifest },
})

export const chains: readonly Case[] = [
  read(['merge-all', 'later rows replace and add records, deletions remove them', 'merge-1'], [start, next]),
  read(
    ['merge-again', 'a record that was deleted and created again exists', 'merge-1'],
    [start, next, start],
  ),
  read(
    ['merge-raw-stays', 'a record keeps its raw form until a row replaces it', 'merge-1'],
    [
      { ...raw(1, 'x'), b: { row: {} } },
      { ...raw(1, 'x'), b: { row: { v: 2 } } },
    ],
  ),
  read(['merge-raw-dropped', 'a row replaces the record and its raw form', 'merge-2'], [raw(1, 'x'), one(2)]),
  read(
    ['merge-raw-replaced', 'a row comes with the raw form of its own backup', 'merge-2'],
    [raw(1, 'x'), raw(2, 'y')],
  ),
  read(
    ['merge-raw-dropped-again', 'a raw form of the first backup does not come back in the third', 'merge-2'],
    [raw(1, 'x'), one(2), { ...one(2), b: { row: {} } }],
  ),
  read(['merge-raw-new', 'a record may change only in its raw form', 'merge-2'], [one(1), raw(1, 'x')]),
  refused(
    ['merge-raw-ahead', 'a raw form whose row is in the parent is refused', 'raw-1'],
    (backup) => {
      users(backup).raw = ['{"id":"c","raw":"x"}']
    },
    { states: [start, next] },
  ),
  read(
    ['merge-noted', 'an entry of the index without a row leaves the record as it is', 'merge-3'],
    [start, next],
    (backup) => {
      const note = JSON.stringify(['c', 1710513045000, JSON.parse(lines({ c: start.c! }).index[0]!)[2]])
      users(backup).index = [...users(backup).index.slice(0, 1), note, ...users(backup).index.slice(1)]
    },
  ),
  refused(
    ['merge-noted-other', 'an index entry without a row but with a new hash is refused', 'merge-3'],
    (backup) => {
      users(backup).index = [
        ...users(backup).index.slice(0, 1),
        '["c",0,"AAAAAAAAAAA"]',
        ...users(backup).index.slice(1),
      ]
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-noted-unknown', 'an index entry without a row for a missing record is refused', 'merge-3'],
    (backup) => {
      users(backup).index.push('["z",0,"AAAAAAAAAAA"]')
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-both', 'an id that is both a row and deleted in one backup is refused', 'merge-4'],
    (backup) => {
      users(backup).deleted = ['{"id":"a"}', '{"id":"b"}']
      Object.assign(users(backup).entry, { totalCount: 2 })
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-deleted-unknown', 'the deletion of a missing record is refused', 'merge-5'],
    (backup) => {
      users(backup).deleted.push('{"id":"z"}')
      Object.assign(users(backup).entry, { totalCount: 2 })
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-deleted-order', 'deletions out of order are refused', 'order-1'],
    (backup) => {
      users(backup).deleted.reverse()
    },
    { states: [start, {}] },
  ),
  refused(
    ['merge-deleted-no-id', 'a deletion without an id is refused', 'row-1'],
    (backup) => {
      users(backup).deleted = ['"b"']
    },
    { states: [start, next] },
  ),
  several(
    'whole',
    'nothing before a whole entry counts',
    'merge-6',
    () => [...chain(start, next), link(2, { users: lines(people) })],
    { users: people },
  ),
  several(
    'gone',
    'a resource that the newest backup does not have does not exist',
    'merge-7',
    () => [
      link(0, { users: lines(people), orders: lines(start) }),
      link(1, { users: lines(people, people) }),
    ],
    { users: people },
  ),
  several(
    'between',
    'a backup without a resource ends what came before',
    'merge-6',
    () => [
      link(0, { users: lines(people), orders: lines(start) }),
      link(1, { users: lines(people, people) }),
      link(2, { users: lines(people, people), orders: lines(next) }),
    ],
    { users: people, orders: next },
  ),
  several(
    'from-nothing',
    'an entry builds on no records if the parent does not have the resource',
    'merge-6',
    () => [
      link(0, { users: lines(people) }),
      link(1, { users: lines(people, people), orders: lines(next, {}) }),
    ],
    { users: people, orders: next },
  ),
  several(
    'nothing-changed',
    'an incremental backup may contain no changes',
    'merge-1',
    () => chain(start, start, start),
    { users: start },
  ),
  several(
    'definition',
    'the newest manifest says which resources exist',
    'merge-7',
    () => [link(0, { users: lines(people) }), link(1, { users: lines(people, people), late: lines({}) })],
    { users: people, late: {} },
  ),
  refused(
    ['merge-replaced-count', 'a replacedCount that does not match the rows is refused', 'count-4'],
    (backup) => {
      Object.assign(users(backup).entry, { replacedCount: 0, totalCount: 4 })
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-total-count', 'a totalCount that does not follow from the parent is refused', 'count-3'],
    (backup) => {
      Object.assign(users(backup).entry, { totalCount: 9 })
    },
    { states: [start, next] },
  ),
  refused(
    [
      'merge-state-before',
      'an entry whose state.before is not the state of its parent is refused',
      'state-2',
    ],
    (backup) => {
      Object.assign(users(backup).entry, {
        state: { ...(users(backup).entry.state as Fields), before: '1'.repeat(64) },
      })
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-state-after', 'a chain that does not match the state of its last entry is refused', 'state-1'],
    (backup) => {
      Object.assign(users(backup).entry, {
        state: { ...(users(backup).entry.state as Fields), after: '1'.repeat(64) },
      })
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-unordered-parent', 'nothing builds on records out of order', 'order-2'],
    (_, all) => {
      users(all[0]!).entry.ordered = false
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-unordered', 'an entry that builds on a parent is in order', 'order-2'],
    (backup) => {
      users(backup).entry.ordered = false
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-shape', 'records of another shape are not merged with those of the parent', 'shape-1'],
    (backup) => {
      users(backup).entry.shape = 'other'
    },
    { states: [start, next] },
  ),
  refused(
    [
      'merge-shape-definition',
      'records without a shape are not merged with those of another definition',
      'shape-1',
    ],
    (backup) => {
      users(backup).entry.definition = { map: 1 }
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-no-parent', 'an entry that is not whole in a backup without a parent is refused', 'merge-8'],
    (backup) => {
      backup.resources.users = lines(start, {})
    },
  ),
  refused(
    ['merge-definition-null', 'a definition of null differs from no definition', 'shape-1'],
    (backup) => {
      users(backup).entry.definition = null
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-definition-types', 'true is not 1 in a definition', 'shape-1'],
    (backup, all) => {
      users(all[0]!).entry.definition = { map: [true, 'x'] }
      users(backup).entry.definition = { map: [1, 'x'] }
    },
    { states: [start, next] },
  ),
  read(
    ['merge-definition-order', 'the order of its fields does not change a definition', 'shape-1'],
    [start, next],
    (backup, all) => {
      users(all[0]!).entry.definition = { a: [1, { b: 1, c: null }], d: 1 }
      users(backup).entry.definition = { d: 1, a: [1, { c: null, b: 1 }] }
    },
  ),
  refused(
    ['merge-shape-new', 'a shape only in the newer backup is a different shape', 'shape-2'],
    (backup, all) => {
      for (const { resources } of all) resources.users!.entry.definition = { map: 1 }
      users(backup).entry.shape = 'x'
    },
    { states: [start, next] },
  ),
  refused(
    ['merge-shape-old', 'a shape only in the older backup is a different shape', 'shape-2'],
    (_, all) => {
      for (const { resources } of all) resources.users!.entry.definition = { map: 1 }
      users(all[0]!).entry.shape = 'x'
    },
    { states: [start, next] },
  ),
  read(
    ['merge-hashes', 'a backup may be hashed differently from its parent', 'hash-3'],
    [start, next],
    (backup, all) => {
      const before = users(all[0]!).index.map((line) => JSON.parse(line) as [string, number, string])
      const own = users(backup)
      own.index = own.rows.map((row, at) => JSON.stringify([JSON.parse(row).id, 0, `e${at}`]))
      const after = [
        ...own.rows.map((row, at) => [JSON.parse(row).id as string, `e${at}`] as const),
        ...before.flatMap(([id, , hash]) => (id === 'c' ? [[id, hash] as const] : [])),
      ]
      Object.assign(own.entry, {
        contentHash: undefined,
        state: { ...(own.entry.state as Fields), after: stateOf(after) },
      })
    },
  ),
  broken('missing', 'a chain with a missing backup is broken', 'chain-1', ([first]) => {
    first!.alterFiles = (files) => files.clear()
  }),
  broken(
    'missing-unneeded',
    'a chain is broken even if no record of the missing backup is needed',
    'chain-1',
    ([first, second]) => {
      first!.alterFiles = (files) => files.clear()
      second!.resources.users = lines(next)
    },
  ),
  broken('damaged', 'a chain with a damaged manifest is broken', 'chain-1', ([first]) => {
    first!.alterFile = (bytes) => bytes.subarray(0, -1)
  }),
  broken('deleted', 'a parent that only has a note of its deletion is missing', 'chain-1', ([first]) => {
    first!.alterFiles = (files) => {
      files.set('deleted.json', files.get('s3db.json')!)
      files.delete('s3db.json')
    }
  }),
  broken('other-set', 'a parent of another set breaks the chain', 'chain-2', ([first]) => {
    first!.manifest.set = 'bbbbbbbbbbbbbbbb'
  }),
  broken('cycle', 'a backup that is its own ancestor is a broken chain', 'chain-3', ([first]) => {
    first!.manifest.parent = 'b1'
  }),
  broken('itself', 'a backup that is its own parent is a broken chain', 'chain-3', ([, second]) => {
    second!.manifest.parent = 'b1'
  }),
  broken(
    'field',
    'a manifest with a wrong field breaks the chain, even if none of its records is needed',
    'chain-1 field-1',
    ([first, second]) => {
      users(first!).entry.state = { before: '', after: '' }
      second!.resources.users = lines(next)
    },
  ),
  refused(
    ['chain-later', 'an ancestor of a later version is not damage', 'chain-1 format-1'],
    (_, all) => {
      all[0]!.manifest.format = 's3db-backup/2'
    },
    { states: [start, next], code: 'incompatible_format' },
  ),
  refused(
    ['chain-different', 'an ancestor in two different versions is a conflict', 'id-5'],
    (_, all) => {
      all[0]!.alterFiles = (files) => {
        for (const [key, bytes] of filesOf(full('b0', { users: people }))) files.set(`../copy/${key}`, bytes)
      }
    },
    { states: [start, next], code: 'conflict' },
  ),
  read(
    ['chain-copies', 'an ancestor may have copies, and one of them may lack its parts', 'id-3 id-4'],
    [start, next],
    (_, all) => {
      all[0]!.alterFiles = (files) => files.set('../a/b0/s3db.json', files.get('s3db.json')!)
    },
  ),
  refused(
    ['chain-contradiction', "a false statement in an ancestor's sound manifest is damage", 'status-1'],
    (_, all) => {
      users(all[0]!).entry.lost = [{ id: 'x', reason: 'unreadable' }]
    },
    { states: [start, next] },
  ),
  refused(
    ['chain-codec', 'an unknown codec of an ancestor is not supported', 'codec-4'],
    (_, all) => {
      all[0]!.alterParts = ([rows, ...others]) => [{ ...rows!, codecs: ['lz4'] }, ...others]
    },
    { states: [start, next], code: 'unsupported' },
  ),
  refused(
    ['chain-damaged-part', 'a chain is refused for damage in a parent', 'part-1'],
    (_, all) => {
      all[0]!.alterFiles = (files) => files.set('r0.rows.jsonl', Buffer.from('x'))
    },
    { states: [start, next] },
  ),
  read(
    ['lost-older', 'a lost record keeps the version of the previous backup', 'lost-1'],
    [start, { a: start.a!, b: { row: { v: 2 } }, c: start.c! }],
    (backup, all) => {
      backup.manifest.status = 'incomplete'
      users(backup).entry.lost = [{ id: 'a', reason: 'unreadable' }]
      void all
    },
    {
      expect: {
        state: {
          chain: ['b0', 'b1'],
          status: 'incomplete',
          resources: { users: records({ a: start.a!, b: { row: { v: 2 } }, c: start.c! }) },
          internal: {},
        },
      },
    },
  ),
  read(
    ['lost-healed', 'a completed backup lacks nothing, even if its parent did', 'lost-2'],
    [start, next],
    (_, all) => {
      all[0]!.manifest.status = 'incomplete'
      users(all[0]!).entry.lost = [{ id: 'd', reason: 'unreadable' }]
    },
  ),
]
