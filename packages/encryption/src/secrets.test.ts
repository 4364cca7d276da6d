import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { isBackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { describeRecovery, encryption, keygen, parseEncryption, rotate } from './index.js'

const backupId = 'full-1'
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const key = keygen()
const passphrase = 'a passphrase nobody should ever see'
const salt = 'a pepper nobody should ever see'
const config = {
  algorithm: 'AES-256-GCM',
  key,
  recipients: [
    { privateKey },
    { passphrase, keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000, salt } },
  ],
} as const

const rawKey = Buffer.from(key.slice('base64:'.length), 'base64')
const secrets = [
  key.slice('base64:'.length),
  rawKey.toString('hex'),
  rawKey.toString('latin1'),
  inspect(rawKey).slice(8, 60),
  passphrase,
  salt,
  privateKey.split('\n')[3] ?? '',
  'nobody should ever see',
]

/** Everything that any way of printing gets out of a value. */
function printed(value: unknown): string {
  const deep = inspect(value, {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
    maxStringLength: null,
  })
  const cause = value instanceof Error && value.cause !== undefined ? printed(value.cause) : ''
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
  return [deep, JSON.stringify(value), text, value instanceof Error ? value.stack : '', cause].join('\n')
}

function expectNoSecret(value: unknown): void {
  const text = printed(value)
  for (const secret of secrets) expect(text.includes(secret)).toBe(false)
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test('the search finds planted secrets', () => {
  for (const secret of secrets)
    expect(
      printed({ ...config, rawKey, more: [rawKey.toString('hex'), rawKey.toString('latin1')] }).includes(
        secret,
      ) || rawKey.toString('latin1') === secret,
    ).toBe(true)
})

test('no returned object, file or document shows a secret', async () => {
  const encrypted = encryption(config)
  const begun = await encrypted.begin(backupId)
  const keyFile = begun.keyFile.bytes
  const rotated = await rotate({ backupId, keyFile, open: encrypted, recipients: encrypted })
  const codec = await encrypted.open({ backupId, keyFile })
  const shown = [encrypted, begun, keyFile, rotated.bytes, codec, describeRecovery({ backupId, keyFile })]
  for (const value of shown) expectNoSecret(value)
})

test('no error about a configuration repeats its values', () => {
  const wrong: unknown[] = [
    { ...config, algorithm: passphrase },
    { ...config, key: Buffer.from(passphrase) },
    { ...config, key: `base64:${passphrase}` },
    { ...config, key: passphrase.slice(0, 5), keyDerivation: { algorithm: salt } },
    { ...config, keyDerivation: { algorithm: 'PBKDF2', iterations: 1, salt } },
    {
      ...config,
      recipients: [
        { privateKey: privateKey.replace('A', '!') },
        { publicKey: privateKey },
        { passphrase, key },
      ],
    },
    { ...config, recipients: [{ kms: { keyArn: passphrase } }, { id: passphrase, passphrase }] },
    { ...config, recipients: [{ key }] },
  ]
  for (const given of wrong) {
    let error: unknown
    try {
      parseEncryption(given)
    } catch (thrown) {
      error = thrown
    }
    expect(isBackupError(error, 'invalid_options')).toBe(true)
    expectNoSecret(error)
  }
})

test('no error about a backup that does not open shows the tried keys', async () => {
  const other = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
  const { keyFile } = await encryption({
    algorithm: 'AES-256-GCM',
    recipients: [
      { key: keygen() },
      {
        passphrase: 'of somebody else altogether',
        keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000 },
      },
    ],
  }).begin(backupId)
  const codec = (await other.begin(backupId)).codec
  const garbage = async function* () {
    yield Buffer.from('not a part')
  }
  const reading = codec.decode(garbage(), {
    backupId,
    file: 'a',
    resource: 'b',
    signal: new AbortController().signal,
  })
  const errors = [
    await failure(encryption(config).open({ backupId, keyFile: keyFile.bytes })),
    await failure(reading[Symbol.asyncIterator]().next()),
  ]
  for (const error of errors) {
    expect(isBackupError(error)).toBe(true)
    expectNoSecret(error)
  }
})
