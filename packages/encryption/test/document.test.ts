import { createHmac, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fieldTables, whatIsNotSo } from '../../../tooling/test/field-tables.ts'
import { backupCodec } from '../src/codec.js'
import { encryption } from '../src/encryption.js'
import { keyFileSchema, slotSchema } from '../src/key-file-schema.js'
import { openKeyFile } from '../src/open-key-file.js'
import { openMessage } from './plain-message.js'

const root = join(import.meta.dirname, '../../..')
const document = readFileSync(join(root, 'packages/core/docs/format-v1.md'), 'utf8')
const backupId = 'full-2024-03-15T14-30-45-abc123'
const folder = join(root, 'packages/encryption/fixtures/4', backupId)
const vectors = JSON.parse(/<!-- vectors -->\n\n```json\n([^`]*)```/.exec(document)?.[1] ?? '')
const keyFile = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'))

test('the test vectors in the document of the format are those of the frozen backup', async () => {
  const { recipients } = encryption({ algorithm: 'AES-256-GCM', key: vectors.recipientKey })
  const call = { backupId, signal: new AbortController().signal }
  const { backupKey } = await openKeyFile(readFileSync(join(folder, 'keys.json')), recipients, call)
  expect(Buffer.from(backupKey).toString('hex')).toBe(vectors.backupKey)
  for (const [info, hex] of Object.entries(vectors.hkdf))
    expect(Buffer.from(hkdfSync('sha512', backupKey, '', info, 32)).toString('hex')).toBe(hex)
  expect(keyFile.mac).toBe(vectors.mac)
  const text = readFileSync(join(folder, 's3db.json'), 'utf8')
  const body = text.slice(0, text.indexOf(',\n  "tag"'))
  expect(JSON.parse(text).tag).toBe(vectors.tag)
  expect(backupCodec(backupKey).isAuthentic('manifest', Buffer.from(body), vectors.tag)).toBe(true)
})

test('they follow from the backup key as the document says, with nothing of ours', () => {
  const hkdf = (info: string) => Buffer.from(vectors.hkdf[info], 'hex')
  const hmac = (info: string, text: string) => createHmac('sha256', hkdf(info)).update(text).digest()
  const { mac: _, ...rest } = keyFile
  expect(hmac('s3db-backup-keys/1 mac', sorted(rest)).toString('base64')).toBe(vectors.mac)
  for (const [name, tag] of Object.entries(vectors.resource)) {
    const made = hmac('s3db-backup tag: resource', name).subarray(0, 16).toString('base64url')
    expect(made).toBe(tag)
    const part = readFileSync(join(folder, 'p0001.jsonl.gz.enc'))
    expect(part.includes(made)).toBe(true)
  }
})

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

test.each([
  ['key-file', keyFileSchema, keyFile],
  ['recipient', slotSchema, keyFile.recipients[0]],
])('the document has every field of a %s as the schema has it', (name, schema, valid) => {
  const reads = (value: object) => schema.safeParse(value).success
  const names = Object.keys(schema.shape)
  expect(whatIsNotSo(fieldTables().get(name) ?? [], { names, valid, reads })).toEqual([])
})

test('the frozen backup opens by the document and the specification of the SDK, with Node alone', () => {
  const recipientKey = Buffer.from(vectors.recipientKey.replace('base64:', ''), 'base64')
  const [recipient] = keyFile.recipients
  const wrapped = openMessage(Buffer.from(recipient.wrapped, 'base64'), recipientKey)
  expect(wrapped).toMatchObject({ provider: 's3db-backup', keyName: recipient.id, frameBytes: 1024 })
  expect(wrapped.context).toEqual({ format: 's3db-backup-keys/1', backupId, recipient: recipient.id })
  expect(wrapped.content.toString('hex')).toBe(vectors.backupKey)

  const manifest = JSON.parse(readFileSync(join(folder, 's3db.json'), 'utf8'))
  const half = openMessage(Buffer.from(manifest.private, 'base64'), wrapped.content)
  expect(half).toMatchObject({ provider: 's3db-backup', keyName: 'backup-key', frameBytes: 262_144 })
  expect(half.context).toEqual({ format: 'aws-esdk/1', backupId, file: 's3db.json' })
  const secret = JSON.parse(gunzipSync(half.content).toString('utf8'))

  const rows = secret.parts.findIndex(
    (part: { resource: string; holds: string }) => part.resource === 'people' && part.holds === 'rows',
  )
  const { file } = manifest.parts[rows]
  const part = openMessage(readFileSync(join(folder, file)), wrapped.content)
  expect(part.context).toEqual({ format: 'aws-esdk/1', backupId, file, resource: vectors.resource.people })
  const lines = gunzipSync(part.content).toString('utf8')
  expect(lines.split('\n').slice(0, -1)).toHaveLength(secret.parts[rows].records)
  expect(Buffer.byteLength(lines)).toBe(secret.parts[rows].contentBytes)
})
