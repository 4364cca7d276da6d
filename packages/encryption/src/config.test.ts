import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { isBackupError } from '@s3db-backup/core'
import { describe, expect, test } from 'vitest'
import { keygen, parseEncryption } from './index.js'

const algorithm = 'AES-256-GCM'
const passphrase = 'a long text that only I would write'
const raw = randomBytes(32)
const pem = (type: 'ec' | 'rsa', bits = 2048) =>
  type === 'rsa'
    ? generateKeyPairSync('rsa', {
        modulusLength: bits,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })
    : generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      })

function refusalOf(config: unknown) {
  try {
    parseEncryption(config)
  } catch (error) {
    if (isBackupError(error, 'invalid_options')) return error
    throw error
  }
  return undefined
}

const typesOf = (config: object) =>
  parseEncryption({ algorithm, ...config }).recipients.map(({ type }) => type)

describe('the documented configuration', () => {
  test('is accepted unchanged, with a warning about its number of iterations', () => {
    const settings = parseEncryption({
      algorithm,
      key: passphrase,
      keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000, salt: 'a salt of our own' },
    })
    expect(settings.recipients.map(({ type }) => type)).toEqual(['passphrase'])
    expect(settings.warnings).toEqual([
      'PBKDF2 with 100000 iterations is weaker than advised: use 210000 or more, or scrypt.',
    ])
    expect(parseEncryption({ algorithm, key: passphrase }).warnings).toEqual([])
  })

  test('without a key, or with one from a variable that is not set, is refused', () => {
    for (const config of [
      undefined,
      null,
      'key',
      {},
      { algorithm },
      { key: passphrase },
      { algorithm, key: undefined },
      { algorithm, key: '' },
    ]) {
      expect(refusalOf(config)?.message).toBe('Encryption requires both key and algorithm')
    }
  })

  test('is refused only with the salt of the documentation', () => {
    const withSalt = (salt: string) => ({
      algorithm,
      key: passphrase,
      keyDerivation: { algorithm: 'PBKDF2', iterations: 600_000, salt },
    })
    expect(refusalOf(withSalt('backup-salt-2024'))?.message).toContain(
      'keyDerivation.salt: is copied from the documentation',
    )
    expect(refusalOf(withSalt(''))?.message).toContain('keyDerivation.salt: is empty')
    expect(refusalOf(withSalt('x'))).toBeUndefined()
  })

  test.each([
    [99_999, 'keyDerivation.iterations: is below 100000'],
    [10_000_001, 'keyDerivation.iterations: is above 10000000'],
  ])('is refused with %d iterations', (iterations, message) => {
    expect(
      refusalOf({ algorithm, key: passphrase, keyDerivation: { algorithm: 'PBKDF2', iterations } })?.message,
    ).toContain(message)
  })

  test('is refused with another algorithm, another derivation or an unknown option, all reported at once', () => {
    const message = refusalOf({
      algorithm: 'AES-128-CBC',
      key: 'short',
      keyDerivation: { algorithm: 'MD5' },
      keyDerivatoin: {},
    })?.message
    expect(message).toContain('algorithm: is not known; use AES-256-GCM')
    expect(message).toContain('key: as a passphrase it is shorter than 12 characters')
    expect(message).toContain('keyDerivation.algorithm: is neither PBKDF2 nor scrypt')
    expect(message).toContain('unknown option keyDerivatoin')
  })

  test('refuses a key derivation for a key that needs none', () => {
    const keyDerivation = { algorithm: 'scrypt' }
    expect(refusalOf({ algorithm, key: keygen(), keyDerivation })?.message).toContain(
      'is for a passphrase, and key is a raw key',
    )
    expect(refusalOf({ algorithm, recipients: [{ key: keygen() }], keyDerivation })?.message).toContain(
      'is for key, which is missing',
    )
  })
})

describe('the key', () => {
  test.each([
    ['a Buffer', raw],
    ['base64 with a prefix', `base64:${raw.toString('base64')}`],
    ['hexadecimal with a prefix', `hex:${raw.toString('hex')}`],
    ['64 hexadecimal digits', raw.toString('hex')],
    ['64 hexadecimal digits in capitals', raw.toString('hex').toUpperCase()],
    ['44 characters of base64', raw.toString('base64')],
    ['what keygen makes', keygen()],
  ])('is raw as %s', (_, key) => {
    expect(typesOf({ key })).toEqual(['raw-key'])
  })

  test.each([
    ['a sentence', passphrase],
    ['hexadecimal digits with a prefix that says so', `passphrase:${raw.toString('hex')}`],
    ['63 hexadecimal digits', raw.toString('hex').slice(1)],
    ['base64 of another length', raw.subarray(1).toString('base64')],
  ])('is a passphrase as %s', (_, key) => {
    expect(typesOf({ key })).toEqual(['passphrase'])
  })

  test.each([
    ['of the wrong length after a prefix', 'base64:AAAA', 'does not hold exactly 32 bytes after "base64:"'],
    [
      'of the wrong digits after a prefix',
      `hex:${'z'.repeat(64)}`,
      'does not hold exactly 32 bytes after "hex:"',
    ],
    ['as 16 bytes', raw.subarray(16), 'is not 32 bytes long'],
    ['as a number', 12, 'is neither a text nor a Buffer'],
    ['of nothing but zeros', '0'.repeat(64), 'is not a random key'],
    ['of a counting computer', Buffer.alloc(32, '0123456789abcde'), 'is not a random key'],
  ])('is refused %s', (_, key, message) => {
    expect(refusalOf({ algorithm, key })?.message).toContain(message)
  })

  test.each([
    ['short ones', 'elevenchars', 'is shorter than 12 characters'],
    ['blank ones', ' '.repeat(20), 'is empty'],
    ['repetitions', 'abababababababab', 'repeats the same few characters'],
    ['counting', '123456789012345', 'is a plain sequence'],
    ['those from examples', 'Your-Encryption-Key', 'is one of the first that an attacker tries'],
    ['the one from the comic', 'correct horse battery staple', 'is one of the first that an attacker tries'],
  ])('is refused as a weak passphrase: %s', (_, weak, message) => {
    expect(refusalOf({ algorithm, key: weak })?.message).toContain(message)
    expect(refusalOf({ algorithm, recipients: [{ passphrase: weak }] })?.message).toContain(
      `the passphrase ${message}`,
    )
  })
})

describe('recipients', () => {
  const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab'

  test('of every kind can be combined with the documented key', () => {
    const { publicKey } = pem('rsa')
    const { privateKey } = pem('rsa')
    const recipients = [{ passphrase }, { key: keygen() }, { publicKey }, { privateKey }, { kms: { keyArn } }]
    expect(typesOf({ key: keygen(), recipients })).toEqual([
      'raw-key',
      'passphrase',
      'raw-key',
      'rsa',
      'rsa',
      'aws-kms',
    ])
  })

  test.each<[string, object, string]>([
    ['no key', {}, 'recipients.0: is not exactly one of passphrase, key, publicKey, privateKey, kms'],
    ['two keys', { passphrase, key: keygen() }, 'is not exactly one of'],
    ['a passphrase as key', { key: passphrase }, 'recipients.0.key: is not 32 bytes in base64 or hex'],
    ['an id with spaces', { passphrase, id: 'a b' }, 'recipients.0.id: is not 1 to 64 letters'],
    ['an unknown option', { passphrase, passprase: 'x' }, 'unknown option recipients.0.passprase'],
    [
      'an alias of a KMS key',
      { kms: { keyArn: 'alias/backups' } },
      'recipients.0.kms.keyArn: is not the whole ARN of a KMS key',
    ],
    [
      'half a KMS client',
      { kms: { keyArn, client: { decrypt: () => undefined } } },
      'recipients.0.kms.client: has no generateDataKey, encrypt and decrypt',
    ],
    [
      'text that is no PEM',
      { publicKey: 'ssh-rsa AAAA' },
      'recipients.0.publicKey: is not a public key in PEM',
    ],
    [
      'a private key as public',
      { publicKey: pem('rsa').privateKey },
      'recipients.0.publicKey: is a private key',
    ],
    ['an elliptic key', { publicKey: pem('ec').publicKey }, 'recipients.0.publicKey: is not an RSA key'],
    [
      'a short RSA key',
      { publicKey: pem('rsa', 1024).publicKey },
      'recipients.0.publicKey: is an RSA key of fewer than 2048 bits',
    ],
    [
      'a derivation without passphrase',
      { key: keygen(), keyDerivation: { algorithm: 'scrypt' } },
      'keyDerivation is for a passphrase',
    ],
  ])('are refused with %s', (_, recipient, message) => {
    expect(refusalOf({ algorithm, recipients: [recipient] })?.message).toContain(message)
  })

  test('are refused if there are none, too many passphrases, or two with one id', () => {
    expect(refusalOf({ algorithm, recipients: [] })?.message).toContain('recipients: is empty')
    expect(refusalOf({ algorithm, recipients: Array(4).fill({ passphrase }) })?.message).toContain(
      'more than 3 passphrases',
    )
    const key = keygen()
    expect(refusalOf({ algorithm, recipients: [{ key }, { key }] })?.message).toMatch(
      /recipients: key-[0-9a-f]{16} is there twice/,
    )
    expect(refusalOf({ algorithm, key, recipients: [{ key }] })?.message).toContain('is there twice')
  })
})
