import type { Case } from '../case.ts'
import { seal } from '../writer.ts'
import { people, read, refused } from './make.ts'

const sealLength = 85

export const manifests: readonly Case[] = [
  refused(['seal-wrong', 'a manifest of which a byte was altered is refused', 'seal-1'], (backup) => {
    backup.alterFile = (bytes) => Buffer.from(String(bytes).replace('"metadata": {}', '"metadata":  {}'))
  }),
  refused(
    ['seal-before-format', 'a format number is not believed before the seal was checked', 'seal-1 seal-3'],
    (backup) => {
      backup.alterFile = (bytes) => Buffer.from(String(bytes).replace('s3db-backup/1', 's3db-backup/3'))
    },
  ),
  refused(['seal-missing', 'a manifest of this version without a seal is refused', 'seal-1'], (backup) => {
    backup.alterFile = (bytes) => Buffer.concat([bytes.subarray(0, -sealLength), Buffer.from('\n}\n')])
  }),
  refused(['seal-trailing', 'a manifest that something follows is refused', 'seal-2'], (backup) => {
    backup.alterFile = (bytes) => Buffer.concat([bytes, Buffer.from('\n')])
  }),
  refused(
    ['format-newer', 'a later version whose seal fits is refused as a later version', 'seal-3 format-1'],
    (backup) => {
      backup.manifest.format = 's3db-backup/2'
    },
    { code: 'incompatible_format', list: { backups: [], damaged: ['b0'] } },
  ),
  ...['s3db-backup/0', 's3db-backup/01', 's3db-backup/1.5', 'S3DB-BACKUP/1', 1, null].map((format, at) =>
    refused(
      [`format-none-${at + 1}`, `the format ${JSON.stringify(format)} is refused as damage`, 'format-2'],
      (backup) => {
        backup.manifest.format = format
      },
    ),
  ),
  refused(['json-bom', 'a manifest that begins with a byte order mark is refused', 'json-1'], (backup) => {
    backup.alterText = (text) => `\ufeff${text}`
  }),
  refused(['json-not-utf8', 'a manifest that is not UTF-8 is refused', 'json-1'], (backup) => {
    backup.manifest.metadata = { note: '@' }
    backup.alterFile = (bytes) => {
      const body = Buffer.from(bytes.subarray(0, -sealLength))
      body[body.indexOf('"@"') + 1] = 0xff
      return Buffer.concat([body, Buffer.from(seal(body))])
    }
  }),
  refused(['json-list', 'a manifest that is JSON and no object is refused', 'json-1'], (backup) => {
    backup.alterFile = () => Buffer.from('["s3db-backup/1"]')
  }),
  read(['json-twice', 'of two fields of one name the last one counts', 'json-2'], [people], (backup) => {
    backup.alterText = (text) =>
      text.replace('"metadata":', '"status": "incomplete",\n  "status": "completed",\n  "metadata":')
  }),
  read(
    ['json-half-surrogate', 'a half surrogate stands escaped in the manifest', 'json-3'],
    [people],
    (backup) => {
      backup.manifest.metadata = { note: '\ud800' }
    },
  ),
  read(
    ['json-unknown-fields', 'fields that a reader does not know are ignored, wherever they are', 'json-4'],
    [people],
    (backup) => {
      backup.resources.users!.entry.owner = 'ops'
      backup.alterParts = (parts) => parts.map((part) => ({ ...part, part: { tier: ['cold'] } }))
      backup.manifest.future = { deep: [1, { a: 2 }] }
      backup.manifest.writer = { name: 'x', version: '1', build: 7 }
    },
  ),
  read(
    ['json-selection', 'what was chosen of a database changes nothing for a reader', 'json-4'],
    [people],
    (backup) => {
      backup.manifest.selection = {
        resources: ['us*'],
        exclude: ['cache_*'],
        filter: [['byCountry', ['US']]],
      }
    },
  ),
  ...(
    [
      ['version', undefined],
      ['status', 'fine'],
      ['set', undefined],
      ['exportedAt', 'yesterday'],
      ['resources', []],
      ['internal', undefined],
      ['parts', undefined],
      ['metadata', 'x'],
      ['writer', undefined],
      ['window', undefined],
    ] as const
  ).map(([field, value]) =>
    refused(
      [
        `field-${field.toLowerCase()}`,
        `a manifest whose ${field} is ${value === undefined ? 'missing' : JSON.stringify(value)} is refused`,
        'field-1',
      ],
      (backup) => {
        backup.manifest[field] = value
      },
    ),
  ),
  ...[-1, 0.5, 2 ** 60, '1'].map((bytes, at) =>
    refused(
      [`field-count-${at + 1}`, `a count of ${JSON.stringify(bytes)} is refused`, 'field-2'],
      (backup) => {
        backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[0]!, { bytes })
      },
    ),
  ),
]
