import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { type EncryptionConfig, encryption, type RecipientConfig } from './index.js'

const stored = (file: string) => readFile(new URL(`../fixtures/1/${file}`, import.meta.url))
const text = z.string()
const secretsSchema = z.object({
  backupId: text,
  key: text,
  scrypt: text,
  pbkdf2: text,
  privateKey: text,
  tag: text,
})
const secrets = secretsSchema.parse(JSON.parse((await stored('secrets.json')).toString()))
const { backupId } = secrets
const only = (recipient: RecipientConfig): EncryptionConfig => ({
  algorithm: 'AES-256-GCM',
  recipients: [recipient],
})

const lines = Buffer.from(
  Array.from(
    { length: 6000 },
    (_, n) => `${JSON.stringify({ id: `user-${n}`, name: `Name ${(n * 7919) % 9973}`, note: 'ünïcödé' })}\n`,
  ).join(''),
)

async function read(config: EncryptionConfig, file: string, resource: string): Promise<Buffer> {
  const codec = await encryption(config).open({ backupId, keyFile: await stored('keys.json') })
  const bytes = await stored(file)
  const pieces: Uint8Array[] = []
  const source = async function* () {
    yield bytes
  }
  for await (const piece of codec.decode(source(), {
    backupId,
    file,
    resource,
    signal: new AbortController().signal,
  }))
    pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('a backup written by the first version', () => {
  test.each([
    ['the raw key', { key: secrets.key }],
    ['the RSA private key', { privateKey: secrets.privateKey }],
    ['the passphrase under scrypt', { passphrase: secrets.scrypt }],
    [
      'the passphrase under PBKDF2, typed on another keyboard',
      { passphrase: secrets.pbkdf2.normalize('NFD') },
    ],
  ])('opens with %s', async (_, recipient) => {
    expect(gunzipSync(await read(only(recipient), 'users.jsonl.gz.enc', 'users')).equals(lines)).toBe(true)
  })

  test('opens with the raw key as the documented option gives it', async () => {
    const config = { algorithm: 'AES-256-GCM', key: secrets.key } as const
    expect((await read(config, 'users.jsonl.enc', 'users')).equals(lines)).toBe(true)
    expect((await read(config, 'index.json.enc', '')).byteLength).toBe(0)
  })

  test('still authenticates its readable bytes', async () => {
    const codec = await encryption(only({ key: secrets.key })).open({
      backupId,
      keyFile: await stored('keys.json'),
    })
    expect(codec.isAuthentic('manifest', Buffer.from('{}'), secrets.tag)).toBe(true)
  })
})
