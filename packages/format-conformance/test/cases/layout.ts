import type { Case } from '../case.ts'
import { filesOf, full, seal } from '../writer.ts'
import { filesOfAll, people, read, refused } from './make.ts'

const sealLength = 85

/** Copies what is in the directory of a backup to another one. */
function copyTo(files: Map<string, Buffer>, folder: string): void {
  for (const [name, bytes] of [...files]) if (!name.startsWith('..')) files.set(`${folder}/${name}`, bytes)
}

const database = Buffer.from('{"version":"1","s3dbVersion":"21.0.0","resources":{}}')

export const layout: readonly Case[] = [
  read(
    [
      'layout-database-metadata',
      'the s3db.json of an s3db.js database is neither a backup nor damage',
      'layout-1',
    ],
    [people],
    (backup) => {
      backup.alterFiles = (files) => files.set('../shop/s3db.json', database)
    },
    { list: { backups: ['b0'], damaged: [] } },
  ),
  read(
    ['layout-damaged-candidate', 'a truncated manifest is damage, although it is not JSON', 'layout-1'],
    [people],
    (backup) => {
      backup.alterFiles = (files) =>
        files.set('../broken/s3db.json', files.get('s3db.json')!.subarray(0, 300))
    },
    { list: { backups: ['b0'], damaged: ['broken'] } },
  ),
  read(
    [
      'layout-made-id',
      'in a directory whose name follows the rule, anything counts as a manifest',
      'layout-1',
    ],
    [people],
    (backup) => {
      backup.alterFiles = (files) =>
        files.set('../full-2024-03-15T14-30-45-abc123/s3db.json', Buffer.from('{}'))
    },
    { list: { backups: ['b0'], damaged: ['full-2024-03-15T14-30-45-abc123'] } },
  ),
  {
    ...read(['layout-any-id', 'an id need not follow the rule', 'id-1'], [people]),
    id: 'My.backup_1-x',
    expect: {
      state: {
        chain: ['My.backup_1-x'],
        status: 'completed',
        resources: { users: [] },
        internal: {},
      },
    },
    files: () => filesOfAll([full('My.backup_1-x', { users: {} })]),
  },
  read(['layout-folders', 'a backup may be in folders below the root', 'layout-2'], [people], (backup) => {
    backup.alterFiles = (files) => {
      for (const [name, bytes] of [...files]) {
        files.delete(name)
        files.set(`../2024/03/b0/${name}`, bytes)
      }
    }
  }),
  read(
    ['layout-inside', 'a backup may be in the directory of another', 'layout-2'],
    [people],
    (backup) => {
      backup.alterFiles = (files) => {
        for (const [key, bytes] of filesOf(full('inner', { users: people }))) files.set(key, bytes)
        files.set('../s3db.json', files.get('s3db.json')!)
      }
    },
    { list: { backups: ['inner', 'b0'], damaged: [] } },
  ),
  refused(
    ['layout-renamed', 'a backup in a directory whose name is not its id is refused', 'id-2'],
    (backup) => {
      backup.manifest.id = 'another'
    },
  ),
  read(
    ['layout-two-directories', 'two directories with one manifest are one backup', 'id-3'],
    [people],
    (backup) => {
      backup.alterFiles = (files) => copyTo(files, '../copy/b0')
    },
    {
      list: { backups: ['b0'], damaged: [] },
      history: 'Was expected to be refused as a conflict, until copies of a backup were one backup.',
    },
  ),
  refused(
    ['layout-different', 'two directories with one id and different manifests are a conflict', 'id-5'],
    (backup) => {
      backup.alterFiles = (files) => {
        const other = full('b0', { users: { bob: { row: {} } } })
        for (const [key, bytes] of filesOf(other)) files.set(`../copy/${key}`, bytes)
      }
    },
    { code: 'conflict' },
  ),
  refused(
    ['layout-different-spelling', 'manifests with the same content in other bytes are different', 'id-5'],
    (backup) => {
      backup.alterFiles = (files) => {
        copyTo(files, '../copy/b0')
        const body = `${JSON.stringify(JSON.parse(String(files.get('s3db.json')).slice(0, -sealLength).concat('}'))).slice(0, -1)}`
        files.set('../copy/b0/s3db.json', Buffer.from(`${body}${seal(body)}`))
      }
    },
    { code: 'conflict' },
  ),
  refused(
    [
      'layout-copy-damaged',
      'two directories with one id, one manifest of which is damaged, are a conflict',
      'id-5',
    ],
    (backup) => {
      backup.alterFiles = (files) => {
        copyTo(files, '../copy/b0')
        files.set('../copy/b0/s3db.json', files.get('s3db.json')!.subarray(0, -1))
      }
    },
    { code: 'conflict' },
  ),
  ...(
    [
      ['first', 'a copy without its parts does not hide the whole one that comes after it', '../a/b0'],
      ['last', 'a copy without its parts does not hide the whole one that comes before it', '../z/b0'],
    ] as const
  ).map(([name, title, folder]) =>
    read(
      [`layout-copy-incomplete-${name}`, title, 'id-3 id-4'],
      [people],
      (backup) => {
        backup.alterFiles = (files) => files.set(`${folder}/s3db.json`, files.get('s3db.json')!)
      },
      { list: { backups: ['b0'], damaged: [] } },
    ),
  ),
  read(
    ['layout-copy-cut', 'a copy whose parts have the wrong size does not hide the whole one', 'id-4'],
    [people],
    (backup) => {
      backup.alterFiles = (files) => {
        copyTo(files, '../a/b0')
        for (const name of ['r0.rows.jsonl', 'r0.index.jsonl'])
          files.set(`../a/b0/${name}`, files.get(name)!.subarray(0, 9))
      }
    },
  ),
  refused(
    [
      'layout-copy-altered',
      'of copies that have all parts the first is read, even if a part of it is altered',
      'id-4',
    ],
    (backup) => {
      backup.alterFiles = (files) => {
        copyTo(files, '../c/b0')
        const altered = Buffer.from(files.get('r0.rows.jsonl')!)
        altered[9] = altered[9]! ^ 1
        files.set('r0.rows.jsonl', altered)
      }
    },
  ),
  refused(['layout-copies-incomplete', 'partial copies are not combined', 'id-4 part-1'], (backup) => {
    backup.alterFiles = (files) => {
      copyTo(files, '../copy/b0')
      files.delete('r0.rows.jsonl')
      files.delete('../copy/b0/r0.index.jsonl')
    }
  }),
  refused(
    ['layout-deleted', 'a directory with deleted.json and without s3db.json is not a backup', 'layout-3'],
    (backup) => {
      backup.alterFiles = (files) => {
        files.set('deleted.json', files.get('s3db.json')!)
        files.delete('s3db.json')
      }
    },
    { code: 'not_found', list: { backups: [], damaged: [] } },
  ),
  read(['layout-other-files', 'other files in the directory are ignored', 'layout-4'], [people], (backup) => {
    backup.alterFiles = (files) => {
      files.set('started.json', Buffer.from('?'))
      files.set('deleted.2.json', Buffer.from('?'))
      files.set('notes.txt', Buffer.from('?'))
    }
  }),
  read(
    ['layout-part-names', 'the names of parts come from the manifest, whatever they are', 'name-1'],
    [people],
    (backup) => {
      backup.alterParts = (parts) =>
        parts.map((part, at) => ({ ...part, file: `Part ${at} (any name).txt.gz` }))
    },
  ),
  ...['../b1.jsonl', '..', 'a/b', 'a\\b', 'a\nb', '', 'x'.repeat(256)].map((file, at) =>
    refused(
      [`layout-outside-${at + 1}`, `a part called ${JSON.stringify(file)} is refused`, 'name-2'],
      (backup) => {
        backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[0]!, { file })
      },
    ),
  ),
  ...['started.json', 'failed.json', 'deleted.json', 'deleted.7.json'].map((file, at) =>
    refused([`layout-note-${at + 1}`, `a part called ${file} is refused`, 'name-3'], (backup) => {
      backup.alterParts = (parts) => parts.map((part, at) => (at === 2 ? { ...part, file } : part))
    }),
  ),
  refused(['layout-one-file', 'two parts with the same file are refused', 'name-4'], (backup) => {
    backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[1]!, { file: 'r0.rows.jsonl' })
  }),
]
