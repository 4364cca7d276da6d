import type { Case } from '../case.ts'
import { seal } from '../writer.ts'
import { people, read, refused } from './make.ts'

const sealLength = 85

/** A manifest in other bytes before its seal, which fits them. */
const sealedAnew = (bytes: Buffer, change: (text: string) => string): Buffer => {
  const body = change(String(bytes.subarray(0, -sealLength)))
  return Buffer.from(`${body}${seal(body)}`)
}

/** Arrays within one another. */
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

const noTimes = [
  '2024-02-30T14:30:45Z',
  '2023-02-29T14:30:45Z',
  '2024-13-01T14:30:45Z',
  '2024-03-15T24:00:00Z',
  '2024-03-15T14:30:60Z',
  '2024-03-15T14:30Z',
  '2024-03-15T14:30:45.Z',
  '2024-03-15T14:30:45,5Z',
  '2024-03-15T14:30:45+00:00',
  '2024-03-15t14:30:45z',
  '2024-03-15 14:30:45Z',
  '+12024-03-15T14:30:45Z',
]

export const manifests: readonly Case[] = [
  refused(['seal-wrong', 'a manifest with an altered byte is refused', 'seal-1'], (backup) => {
    backup.alterFile = (bytes) => Buffer.from(String(bytes).replace('"metadata": {}', '"metadata":  {}'))
  }),
  refused(
    ['seal-before-format', 'the seal is checked before the format number is trusted', 'seal-1 seal-3'],
    (backup) => {
      backup.alterFile = (bytes) => Buffer.from(String(bytes).replace('s3db-backup/1', 's3db-backup/3'))
    },
  ),
  refused(['seal-missing', 'a manifest of this version without a seal is refused', 'seal-1'], (backup) => {
    backup.alterFile = (bytes) => Buffer.concat([bytes.subarray(0, -sealLength), Buffer.from('\n}\n')])
  }),
  refused(['seal-trailing', 'a manifest with anything after its end is refused', 'seal-2'], (backup) => {
    backup.alterFile = (bytes) => Buffer.concat([bytes, Buffer.from('\n')])
  }),
  refused(['seal-upper', 'a seal in upper-case digits is not a seal', 'seal-5'], (backup) => {
    backup.alterFile = (bytes) =>
      Buffer.from(String(bytes).replace(/[0-9a-f]{64}(?="\n\}\n$)/, (digits) => digits.toUpperCase()))
  }),
  refused(['seal-spaces', 'a seal with other spaces is not a seal', 'seal-5'], (backup) => {
    backup.alterFile = (bytes) =>
      Buffer.from(String(bytes).replace(/"checksum": (?="[0-9a-f]{64}"\n\}\n$)/, '"checksum":'))
  }),
  refused(['seal-carriage-returns', 'a seal with carriage returns is not a seal', 'seal-5'], (backup) => {
    backup.alterFile = (bytes) => Buffer.concat([bytes.subarray(0, -3), Buffer.from('\r\n}\r\n')])
  }),
  read(
    ['seal-compact', 'a manifest may be written without spaces, or with spaces before its seal', 'seal-1'],
    [people],
    (backup) => {
      backup.alterFile = (bytes) =>
        sealedAnew(bytes, (text) => `${JSON.stringify(JSON.parse(`${text}}`)).slice(0, -1)} \n\t`)
    },
  ),
  refused(
    ['format-newer', 'a later version with a matching seal is refused as a later version', 'seal-3 format-1'],
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
  refused(['json-list', 'a manifest that is JSON but not an object is refused', 'json-1'], (backup) => {
    backup.alterFile = () => Buffer.from('["s3db-backup/1"]')
  }),
  read(
    ['json-twice', 'of two fields with the same name the last one counts', 'json-2'],
    [people],
    (backup) => {
      backup.alterText = (text) =>
        text.replace('"metadata":', '"status": "incomplete",\n  "status": "completed",\n  "metadata":')
    },
  ),
  read(
    ['json-half-surrogate', 'a lone surrogate is escaped in the manifest', 'json-3'],
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
  read(['json-selection', 'the selection changes nothing for a reader', 'json-4'], [people], (backup) => {
    backup.manifest.selection = {
      resources: ['us*'],
      exclude: ['cache_*'],
      filter: [['byCountry', ['US']]],
    }
  }),
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
  ...['consolidates', 'compared', 'losses', 'selection', 'asOf'].map((field) =>
    refused(
      [
        `field-null-${field.toLowerCase()}`,
        `${field} of null is refused, although it may be absent`,
        'field-1',
      ],
      (backup) => {
        backup.manifest[field] = null
      },
    ),
  ),
  ...noTimes.map((text, at) =>
    refused([`field-time-${at + 1}`, `the time ${JSON.stringify(text)} is refused`, 'time-2'], (backup) => {
      backup.manifest.completedAt = text
    }),
  ),
  read(
    ['field-time-digits', 'a time may have any number of digits after the second', 'time-1 time-2'],
    [people],
    (backup) => {
      backup.manifest.exportedAt = '2024-02-29T23:59:59Z'
      backup.manifest.completedAt = '2024-03-15T14:30:45.123456789012345Z'
      backup.manifest.window = { from: '0000-02-29T00:00:00.0Z', to: '9999-12-31T23:59:59.9Z' }
    },
  ),
  read(
    ['field-contradictions', 'fields for people and policies may contradict the rest', 'field-3'],
    [people],
    (backup) => {
      backup.manifest.exportedAt = '2031-03-15T14:30:45.000Z'
      backup.manifest.window = { from: '2024-03-16T00:00:00.000Z', to: '2024-03-15T00:00:00.000Z' }
      backup.manifest.losses = { count: 7, added: 9, before: 'nobody' }
      backup.manifest.compared = false
      backup.resources.users!.entry.vanished = 1000
    },
  ),
  read(
    ['field-asof', 'a backup with asOf is read like any other, whatever the time', 'field-3'],
    [people],
    (backup) => {
      backup.manifest.asOf = '2023-01-02T03:04:05.678Z'
    },
  ),
  read(['number-spelling', 'a count is a number, however it is spelled', 'number-1'], [people], (backup) => {
    backup.alterText = (text) =>
      text
        .replace('"vanished": 0', '"vanished": -0')
        .replace('"recordCount": 2', '"recordCount": 2.0')
        .replace('"totalCount": 2', '"totalCount": 0.2e+1')
        .replace('"records": 2', '"records": 20e-1')
        .replace('"blockBytes": 4194304', '"blockBytes": 4194304.000')
  }),
  refused(
    ['number-beyond-manifest', 'a manifest with a number beyond 64 bits is refused', 'number-2'],
    (backup) => {
      backup.alterText = (text) => text.replace('"metadata": {}', '"metadata": { "much": 1e400 }')
    },
  ),
  read(['depth-manifest', 'a manifest may be nested 500 deep', 'depth-1'], [people], (backup) => {
    backup.alterText = (text) => text.replace('"metadata": {}', `"metadata": { "deep": ${nested(498)} }`)
  }),
  ...[-1, 0.5, 2 ** 60, '1'].map((bytes, at) =>
    refused(
      [`field-count-${at + 1}`, `a count of ${JSON.stringify(bytes)} is refused`, 'field-2'],
      (backup) => {
        backup.alterManifest = ({ parts }) => Object.assign((parts as object[])[0]!, { bytes })
      },
    ),
  ),
]
