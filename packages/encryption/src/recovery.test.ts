import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { backup } from '@s3db-backup/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sourceOf, store } from '../test/store.js'
import { describeRecovery, encryption, keygen } from './index.js'

const backupId = 'full-2024-03-15T14-30-45-abc123'
const file = 'users.jsonl.gz.enc'
const lines = '{"id":"a"}\n{"id":"b"}\n'
const passphrase = 'kept on paper in a safe, ä'
const key = keygen()
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const writer = encryption({
  algorithm: 'AES-256-GCM',
  recipients: [
    { key },
    { publicKey },
    { passphrase, keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000 } },
    { id: 'by-scrypt', passphrase: 'another text in another safe' },
  ],
})

let place = ''
let document = ''

/** The steps of the document in an empty directory, with nothing of this project in reach. */
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'recovery-'))
  const { codec, keyFile } = await writer.begin(backupId)
  const content = async function* () {
    yield gzipSync(lines)
  }
  const stored: Uint8Array[] = []
  for await (const piece of codec.encode(content(), {
    backupId,
    file,
    resource: 'users',
    signal: new AbortController().signal,
  }))
    stored.push(piece)
  document = describeRecovery({ backupId, keyFile: keyFile.bytes })
  await writeFile(join(place, file), Buffer.concat(stored))
  await writeFile(join(place, 'keys.json'), keyFile.bytes)
  await writeFile(join(place, 'private.pem'), privateKey)
  // Stands for `npm install @aws-crypto/client-node@5`.
  await mkdir(join(place, 'node_modules'))
  await symlink(
    fileURLToPath(new URL('../node_modules/@aws-crypto', import.meta.url)),
    join(place, 'node_modules/@aws-crypto'),
  )
  await writeFile(join(place, 'recover.mjs'), /```js\n([\s\S]*?)```/.exec(document)?.[1] ?? '')
})

afterAll(() => rm(place, { recursive: true, force: true }))

async function recover(env: Record<string, string>, part = file) {
  const target = join(place, 'users.jsonl')
  await rm(target, { force: true })
  const run = await promisify(execFile)(process.execPath, ['recover.mjs', 'keys.json', part, target], {
    cwd: place,
    env,
  })
  return { ...run, content: await readFile(target, 'utf8') }
}

describe('the recovery document', () => {
  test.each([
    ['the raw key', { BACKUP_KEY: key }],
    ['the raw key in hexadecimal', { BACKUP_KEY: Buffer.from(key.slice(7), 'base64').toString('hex') }],
    ['the passphrase', { BACKUP_PASSPHRASE: passphrase }],
    ['the passphrase that scrypt stretches', { BACKUP_PASSPHRASE: 'another text in another safe' }],
    ['the RSA private key', { BACKUP_PRIVATE_KEY_FILE: 'private.pem' }],
  ])('leads to the records with %s, without this project', async (_, env) => {
    const { content, stdout } = await recover(env)
    expect(content).toBe(lines)
    expect(stdout).toContain(`file: '${file}'`)
  })

  test('fails with a wrong key, and for a part under a wrong name', async () => {
    await expect(recover({ BACKUP_KEY: keygen() })).rejects.toThrow('No key at hand opens this backup.')
    await writeFile(join(place, 'orders.jsonl.gz.enc'), await readFile(join(place, file)))
    await expect(recover({ BACKUP_KEY: key }, 'orders.jsonl.gz.enc')).rejects.toThrow('does not belong here')
  })

  test('names the backup and everybody who can open it', () => {
    expect(document).toContain(backupId)
    for (const name of ['key-', 'rsa-', 'passphrase-', 'by-scrypt'])
      expect(document).toContain(`recipient \`${name}`)
    expect(describeRecovery({ backupId })).toContain('kms:Decrypt')
  })

  test('recovers what the manifest keeps secret', async () => {
    const driver = store()
    const source = sourceOf({ planets: [{ id: 'mars', name: 'Mars' }] })
    await backup({ source, driver, encryption: writer, id: 'full-2' })
    for (const [name, bytes] of driver.objects) await writeFile(join(place, basename(name)), bytes)
    const manifest = await recover({ BACKUP_KEY: key }, 's3db.json')
    const { resources, parts } = JSON.parse(manifest.content)
    expect(resources).toMatchObject({ planets: { recordCount: 1 } })
    const { parts: stored } = JSON.parse(await readFile(join(place, 's3db.json'), 'utf8'))
    const rows = parts.findIndex(({ holds }: { holds: string }) => holds === 'rows')
    const { content } = await recover({ BACKUP_KEY: key }, stored[rows].file)
    expect(content).toBe('{"id":"mars","name":"Mars"}\n')
  })
})
