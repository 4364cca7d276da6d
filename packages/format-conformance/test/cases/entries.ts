import { type Case, recordsOf } from '../case.ts'
import { type Fields, full, lines } from '../writer.ts'
import { filesOfAll, people, read, refused } from './make.ts'

const entry = (manifest: Fields) => (manifest.resources as Record<string, Fields>).users!

const wrong = (field: string, value: unknown, proves: string) =>
  refused([`entry-${field.toLowerCase()}`, `an entry with a false ${field} is refused`, proves], (backup) => {
    backup.alterManifest = (manifest) => {
      entry(manifest)[field] = value
    }
  })

const internalState = {
  ':objects:users': { 'users/a': { row: {}, raw: { body: 'x' } } },
  ':objects': { k: { row: {}, raw: 1 } },
}

export const entries: readonly Case[] = [
  wrong('recordCount', 3, 'count-1'),
  wrong('deletedCount', 1, 'count-1'),
  wrong('bytesWritten', 1, 'count-2'),
  wrong('totalCount', 3, 'count-3'),
  wrong('replacedCount', 1, 'count-4'),
  wrong('exportFile', 'r0.raw.jsonl', 'entry-1'),
  wrong('name', 'others', 'entry-2'),
  refused(['entry-proto', 'an entry called __proto__ is refused', 'entry-2'], (backup) => {
    backup.alterText = (text) => text.replace('"resources": {', '"resources": {\n    "__proto__": {},')
  }),
  refused(['entry-empty-name', 'an entry without a name is refused', 'entry-2'], (backup) => {
    backup.resources = { '': lines(people) }
  }),
  refused(['entry-both', 'a name that is both a resource and internal is refused', 'entry-3'], (backup) => {
    backup.internal = { users: lines(people) }
  }),
  refused(['entry-of-nothing', 'internal records of a missing resource are refused', 'entry-4'], (backup) => {
    backup.internal = {
      ':objects:orders': { ...lines(people), entry: { ...lines(people).entry, of: 'orders' } },
    }
  }),
  refused(
    ['entry-homeless', 'a part of records that belongs to no entry is refused', 'entry-5'],
    (backup) => {
      backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[1]!, { resource: 'orders' })
    },
  ),
  refused(['entry-no-rows', 'an entry without a part of rows is refused', 'entry-1'], (backup) => {
    backup.resources.users = lines({})
    backup.alterParts = () => []
    backup.alterManifest = (manifest) => {
      entry(manifest).exportFile = 'r0.rows.jsonl'
    }
  }),
  read(['entry-empty', 'a resource without records has a part of rows without lines', 'entry-1'], [{}]),
  {
    ...read(
      ['entry-internal', 'internal records are read like the others, and kept apart', 'entry-6'],
      [people],
    ),
    expect: {
      state: {
        chain: ['b0'],
        status: 'completed',
        resources: recordsOf({ users: people }),
        internal: recordsOf(internalState),
      },
    },
    files: () => {
      const backup = full('b0', { users: people }, internalState)
      backup.internal[':objects:users']!.entry.of = 'users'
      backup.internal[':objects']!.entry.of = null
      return filesOfAll([backup])
    },
  },
  ...['orders', null].map((of, at) =>
    read(
      [`entry-of-resource-${at + 1}`, `${of} as "of" of a resource has no meaning`, 'entry-7'],
      [people],
      (backup) => {
        backup.resources.users!.entry.of = of
      },
    ),
  ),
  read(
    ['entry-empty-parts', 'parts without lines are the same as no parts', 'entry-8'],
    [people],
    (backup) => {
      for (const holds of ['rows', 'raw', 'index', 'deleted'])
        backup.parts.push({ file: `${holds}.more`, resource: 'users', holds, content: Buffer.from('') })
    },
  ),
  read(
    ['entry-lost-and-there', 'a record that is listed as lost but is there counts like any other', 'lost-4'],
    [people],
    (backup) => {
      backup.manifest.status = 'incomplete'
      backup.resources.users!.entry.lost = [{ id: 'ann', reason: 'unreadable' }]
    },
    {
      expect: {
        state: {
          chain: ['b0'],
          status: 'incomplete',
          resources: recordsOf({ users: people }),
          internal: {},
        },
      },
    },
  ),
  refused(['entry-status', 'a completed backup that lacks a record is refused', 'status-1'], (backup) => {
    backup.resources.users!.entry.lost = [{ id: 'x', reason: 'unreadable' }]
  }),
  refused(
    ['entry-status-unnamed', 'a completed backup with losses without ids is refused as well', 'status-1'],
    (backup) => {
      backup.resources.users!.entry.lostWithoutId = [{ reason: 'unreadable', count: null }]
    },
  ),
  read(
    ['entry-incomplete-unnamed', 'a backup may be incomplete without naming what it lacks', 'status-2'],
    [people],
    (backup) => {
      backup.manifest.status = 'incomplete'
    },
    {
      expect: {
        state: { chain: ['b0'], status: 'incomplete', resources: recordsOf({ users: people }), internal: {} },
      },
    },
  ),
  {
    ...read(
      ['entry-incomplete', 'an incomplete backup is read, and reported as incomplete', 'status-2'],
      [people],
      (backup) => {
        backup.manifest.status = 'incomplete'
        backup.manifest.losses = { count: 1, added: 1, before: null }
        backup.resources.users!.entry.lost = [{ id: 'x', reason: 'unreadable' }]
      },
    ),
    expect: {
      state: { chain: ['b0'], status: 'incomplete', resources: recordsOf({ users: people }), internal: {} },
    },
  },
]
