import type { Case } from '../case.ts'
import { full } from '../writer.ts'
import { filesOfAll, people, read, refused } from './make.ts'

const database = Buffer.from('{"version":"1","s3dbVersion":"21.0.0","resources":{}}')

export const layout: readonly Case[] = [
  read(
    [
      'layout-database-metadata',
      'the s3db.json of a database of s3db.js is neither a backup nor damage',
      'layout-1',
    ],
    [people],
    (backup) => {
      backup.alterFiles = (files) => files.set('../shop/s3db.json', database)
    },
    { list: { backups: ['b0'], damaged: [] } },
  ),
  read(
    ['layout-damaged-candidate', 'a manifest that is cut is damage, although it is no JSON', 'layout-1'],
    [people],
    (backup) => {
      backup.alterFiles = (files) =>
        files.set('../broken/s3db.json', files.get('s3db.json')!.subarray(0, 300))
    },
    { list: { backups: ['b0'], damaged: ['broken'] } },
  ),
  read(
    ['layout-made-id', 'in a directory of a made name, anything is taken for a manifest', 'layout-1'],
    [people],
    (backup) => {
      backup.alterFiles = (files) =>
        files.set('../full-2024-03-15T14-30-45-abc123/s3db.json', Buffer.from('{}'))
    },
    { list: { backups: ['b0'], damaged: ['full-2024-03-15T14-30-45-abc123'] } },
  ),
  {
    ...read(['layout-any-id', 'an id need not be a made one', 'id-1'], [people]),
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
  read(['layout-folders', 'a backup may lie in folders below the root', 'layout-2'], [people], (backup) => {
    backup.alterFiles = (files) => {
      for (const [name, bytes] of [...files]) {
        files.delete(name)
        files.set(`../2024/03/b0/${name}`, bytes)
      }
    }
  }),
  refused(
    ['layout-renamed', 'a backup in a directory of another name than its id is refused', 'id-2'],
    (backup) => {
      backup.manifest.id = 'another'
    },
  ),
  refused(
    ['layout-two-directories', 'two directories with one id are a conflict', 'id-3'],
    (backup) => {
      backup.alterFiles = (files) => {
        for (const [name, bytes] of [...files]) files.set(`../copy/b0/${name}`, bytes)
      }
    },
    { code: 'conflict' },
  ),
  refused(
    ['layout-deleted', 'a directory that has deleted.json and no s3db.json is no backup', 'layout-3'],
    (backup) => {
      backup.alterFiles = (files) => {
        files.set('deleted.json', files.get('s3db.json')!)
        files.delete('s3db.json')
      }
    },
    { code: 'not_found', list: { backups: [], damaged: [] } },
  ),
  read(
    ['layout-other-files', 'what else lies in the directory is ignored', 'layout-4'],
    [people],
    (backup) => {
      backup.alterFiles = (files) => {
        files.set('started.json', Buffer.from('?'))
        files.set('deleted.2.json', Buffer.from('?'))
        files.set('notes.txt', Buffer.from('?'))
      }
    },
  ),
  read(
    ['layout-part-names', 'the names of parts are those of the manifest, whatever they are', 'name-1'],
    [people],
    (backup) => {
      backup.alterParts = (parts) =>
        parts.map((part, at) => ({ ...part, file: `Part ${at} (any name).txt.gz` }))
    },
  ),
  ...['../b1.jsonl', '..', 'a/b', 'a\\b', 'a\nb', ''].map((file, at) =>
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
  refused(['layout-one-file', 'two parts of one file are refused', 'name-4'], (backup) => {
    backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[1]!, { file: 'r0.rows.jsonl' })
  }),
]
