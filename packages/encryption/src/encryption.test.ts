import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { isBackupError } from '@s3db-backup/core'
import { keyGeneration } from '@s3db-backup/core/internal'
import { describe, expect, test } from 'vitest'
import {
  type EncryptionConfig,
  encryption,
  type KmsClient,
  keyFileName,
  keygen,
  type RecipientConfig,
  rotate,
} from './index.js'

const backupId = 'full-1'
const passphrase = 'a long text that only I would write'
const quick = { algorithm: 'PBKDF2', iterations: 100_000 } as const
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const locked = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'of the file' },
})
const key = keygen()

const forThese = (...recipients: RecipientConfig[]) => encryption({ algorithm: 'AES-256-GCM', recipients })
const withKey = (key: string, more: Partial<EncryptionConfig> = {}) =>
  encryption({ algorithm: 'AES-256-GCM', key, ...more })

/** Whether the two codecs have one backup key. */
async function sameKey(
  made: Awaited<ReturnType<ReturnType<typeof forThese>['begin']>>,
  reader: ReturnType<typeof forThese>,
) {
  const opened = await reader.open({ backupId, keyFile: made.keyFile.bytes })
  return opened.isAuthentic('x', Buffer.from('y'), made.codec.authenticate('x', Buffer.from('y')))
}

async function failure(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isBackupError(error) ? error : undefined
}

type Json = {
  recipients: { id: string; type: string; params: Record<string, unknown>; wrapped: string }[]
} & Record<string, unknown>

function edited(bytes: Uint8Array, edit: (file: Json) => void): Buffer {
  const file: Json = JSON.parse(Buffer.from(bytes).toString())
  edit(file)
  return Buffer.from(JSON.stringify(file))
}

const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const sorted = (context: unknown) => JSON.stringify(Object.entries(Object(context)).sort())

/** Only the shape of KMS, to see what is asked of it. What KMS itself does is not tested here. */
function fakeKms(refuse?: { name: string }): KmsClient & { contexts: unknown[] } {
  const kept = new Map<string, { key: Uint8Array; context: string }>()
  const contexts: unknown[] = []
  const answer = (KeyId: string, key: Uint8Array, context: unknown) => {
    contexts.push(context)
    const CiphertextBlob = Uint8Array.from(randomBytes(40))
    kept.set(Buffer.from(CiphertextBlob).toString('hex'), { key, context: sorted(context) })
    return { KeyId, CiphertextBlob, Plaintext: Uint8Array.from(key) }
  }
  return {
    contexts,
    generateDataKey: async ({ KeyId, EncryptionContext }) =>
      answer(KeyId, Uint8Array.from(randomBytes(32)), EncryptionContext),
    encrypt: async ({ KeyId, Plaintext, EncryptionContext }) =>
      answer(KeyId, Uint8Array.from(Plaintext), EncryptionContext),
    async decrypt({ KeyId, CiphertextBlob, EncryptionContext }) {
      if (refuse !== undefined) throw Object.assign(new Error('refused'), refuse)
      const entry = kept.get(Buffer.from(CiphertextBlob).toString('hex'))
      if (entry?.context !== sorted(EncryptionContext))
        throw Object.assign(new Error('no'), { name: 'InvalidCiphertextException' })
      return { KeyId, Plaintext: Uint8Array.from(entry.key) }
    },
  }
}

describe('a recipient can open the backup', () => {
  const kms = fakeKms()
  test.each<[string, RecipientConfig, RecipientConfig]>([
    ['a raw key', { key }, { key: Buffer.from(key.slice(7), 'base64') }],
    ['a passphrase', { passphrase, keyDerivation: quick }, { passphrase }],
    [
      'a passphrase with a salt in the configuration, which reading does not need',
      { passphrase, keyDerivation: { ...quick, salt: 'ours' } },
      { passphrase },
    ],
    ['an RSA key pair', { publicKey: rsa.publicKey }, { privateKey: rsa.privateKey }],
    [
      'an RSA private key that is itself encrypted',
      { publicKey: locked.publicKey },
      { privateKey: { pem: locked.privateKey, passphrase: 'of the file' } },
    ],
    ['a KMS key', { kms: { keyArn, client: kms } }, { kms: { keyArn, client: kms } }],
  ])('with %s', async (_, writing, reading) => {
    expect(await sameKey(await forThese(writing).begin(backupId), forThese(reading))).toBe(true)
  })

  test('with any one of several keys', async () => {
    const made = await forThese(
      { key },
      { publicKey: rsa.publicKey },
      { passphrase, keyDerivation: quick },
    ).begin(backupId)
    for (const one of [{ key }, { privateKey: rsa.privateKey }, { passphrase }])
      expect(await sameKey(made, forThese(one))).toBe(true)
    expect(await sameKey(made, forThese({ key: keygen() }, { passphrase }))).toBe(true)
  })

  test('and KMS gets the id of the backup', async () => {
    const kms = fakeKms()
    await forThese({ id: 'ours', kms: { keyArn, client: kms } }).begin(backupId)
    expect(kms.contexts).toEqual([{ format: 's3db-backup-keys/1', backupId, recipient: 'ours' }])
  })

  test('and the manifest can say how without revealing a secret', async () => {
    const { info } = await forThese(
      { key, id: 'vault' },
      { id: 'me', passphrase, keyDerivation: quick },
    ).begin(backupId)
    expect(info).toEqual({
      algorithm: 'AES-256-GCM',
      codec: 'aws-esdk/1',
      keyFile: 'keys.json',
      recipients: [
        { id: 'vault', type: 'raw-key' },
        { id: 'me', type: 'passphrase', keyDerivation: 'PBKDF2' },
      ],
    })
  })
})

describe('a non-recipient gets the reason', () => {
  test('with a wrong key or passphrase', async () => {
    const made = await forThese({ key, id: 'vault' }, { id: 'me', passphrase, keyDerivation: quick }).begin(
      backupId,
    )
    for (const wrong of [{ key: keygen() }, { passphrase: `${passphrase}!` }]) {
      const error = await failure(forThese(wrong).open({ backupId, keyFile: made.keyFile.bytes }))
      expect(error?.code).toBe('undecryptable')
      expect(error?.message).toBe(
        `Wrong key: backup 'full-1' is encrypted for vault (raw-key), me (passphrase)`,
      )
    }
  })

  test('with no key of its kind', async () => {
    const made = await forThese({ key, id: 'vault' }).begin(backupId)
    const error = await failure(forThese({ passphrase }).open({ backupId, keyFile: made.keyFile.bytes }))
    expect(error?.code).toBe('undecryptable')
    expect(error?.message).toContain('no key of any of these kinds was given')
  })

  test('on a host that has only the public key', async () => {
    const host = forThese({ publicKey: rsa.publicKey })
    const made = await host.begin(backupId)
    const error = await failure(host.open({ backupId, keyFile: made.keyFile.bytes }))
    expect(error?.code).toBe('undecryptable')
    expect(error?.message).toContain('a public key encrypts backups but cannot open them')
  })

  test.each([
    ['AccessDeniedException', 'permission_denied'],
    ['DisabledException', 'undecryptable'],
    ['TimeoutError', 'unavailable'],
  ])('when KMS answers %s', async (name, code) => {
    const made = await forThese({ kms: { keyArn, client: fakeKms() } }).begin(backupId)
    const error = await failure(
      forThese({ kms: { keyArn, client: fakeKms({ name }) } }).open({
        backupId,
        keyFile: made.keyFile.bytes,
      }),
    )
    expect(error?.code).toBe(code)
    expect(error?.message).toContain(name)
  })
})

describe('a key file that was tampered with', () => {
  const { recipients: _, ...reader } = forThese({ key })
  const open = (keyFile: Uint8Array, id = backupId) => failure(reader.open({ backupId: id, keyFile }))

  test('does not open with any significant byte altered', async () => {
    const { keyFile } = await forThese({ key, id: 'vault' }).begin(backupId)
    const text = Buffer.from(keyFile.bytes)
    for (let position = 0; position < text.byteLength; position += 5) {
      const altered = Buffer.from(text)
      altered.writeUInt8(altered.readUInt8(position) ^ 4, position)
      const error = await open(altered)
      expect(
        error && ['corrupt', 'undecryptable', 'incompatible_format'].includes(error.code),
        `byte ${position}`,
      ).toBe(true)
    }
  })

  test('does not open if somebody without the key added, removed or changed a recipient', async () => {
    const { keyFile } = await forThese({ key, id: 'vault' }, { id: 'other', publicKey: rsa.publicKey }).begin(
      backupId,
    )
    const forged = [
      edited(keyFile.bytes, ({ recipients }) => recipients.pop()),
      edited(keyFile.bytes, ({ recipients }) =>
        recipients.push({ id: 'new', type: 'raw-key', params: {}, wrapped: 'AAAA' }),
      ),
      edited(keyFile.bytes, ({ recipients }) => Object.assign(recipients[1]!, { id: 'renamed' })),
      edited(keyFile.bytes, (file) => Object.assign(file, { generation: 9 })),
    ]
    for (const bytes of forged) expect((await open(bytes))?.message).toContain('was altered')
  })

  test('does not open as another backup’s, not even when its id is changed', async () => {
    const { keyFile } = await forThese({ key }).begin(backupId)
    expect((await open(keyFile.bytes, 'full-2'))?.message).toContain('belongs to another backup')
    const renamed = edited(keyFile.bytes, (file) => Object.assign(file, { backupId: 'full-2' }))
    expect((await open(renamed, 'full-2'))?.code).toBe('undecryptable')
  })

  test('does not open if it is not a key file, or one of a later format', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('null'),
      Buffer.from('{}'),
      Buffer.from([0xff, 0xfe]),
      Buffer.alloc(2_000_000, 32),
    ]) {
      expect((await open(bytes))?.code).toBe('corrupt')
    }
    const { keyFile } = await forThese({ key }).begin(backupId)
    const later = edited(keyFile.bytes, (file) => Object.assign(file, { format: 's3db-backup-keys/2' }))
    expect((await open(later))?.code).toBe('incompatible_format')
  })

  test('is named with its kinds of recipients if none of them is known here', async () => {
    const one = await forThese({ key, id: 'vault' }).begin(backupId)
    const error = await open(
      edited(one.keyFile.bytes, ({ recipients }) => Object.assign(recipients[0]!, { type: 'post-quantum' })),
    )
    expect(error?.message).toContain('vault (post-quantum)')
  })

  test('cannot make a reader spend unbounded memory or time', async () => {
    const { keyFile } = await forThese({ id: 'me', passphrase, keyDerivation: quick }).begin(backupId)
    const me = forThese({ passphrase })
    const salt = randomBytes(32).toString('base64')
    const greedy = [
      { kdf: 'PBKDF2', hash: 'SHA-512', iterations: 10_000_001, salt },
      { kdf: 'scrypt', N: 2 ** 21, r: 8, p: 1, salt },
      { kdf: 'scrypt', N: 2 ** 20, r: 32, p: 1, salt },
      { kdf: 'scrypt', N: 1000, r: 8, p: 1, salt },
      { kdf: 'scrypt', N: 2 ** 17, r: 8, p: 1000, salt },
    ]
    for (const params of greedy) {
      const forged = edited(keyFile.bytes, ({ recipients }) => Object.assign(recipients[0]!, { params }))
      expect((await failure(me.open({ backupId, keyFile: forged })))?.code).toBe('undecryptable')
    }
    const many = edited(keyFile.bytes, ({ recipients }) => {
      for (let n = 0; n < 4; n++) recipients.push({ ...recipients[0]!, id: `copy-${n}` })
    })
    expect((await failure(me.open({ backupId, keyFile: many })))?.message).toContain('too many passphrases')
  })
})

describe('rotating', () => {
  const stored = async (keyFile: Uint8Array, reader: ReturnType<typeof forThese>) =>
    (await reader.open({ backupId, keyFile })).authenticate('x', Buffer.from('y'))

  test('changes who can open a backup and leaves its data unchanged', async () => {
    const [before, after] = [forThese({ key }), forThese({ key: keygen() })]
    const { codec, keyFile } = await before.begin(backupId)
    const rotated = await rotate({ backupId, keyFile: keyFile.bytes, open: before, recipients: after })
    expect(rotated.file).toBe('keys.2.json')
    expect(await stored(rotated.bytes, after)).toBe(codec.authenticate('x', Buffer.from('y')))
    expect((await failure(before.open({ backupId, keyFile: rotated.bytes })))?.code).toBe('undecryptable')
  })

  test('adds a recipient without the keys of the others, and removes one', async () => {
    const { keyFile } = await forThese({ key, id: 'vault' }, { id: 'boss', publicKey: rsa.publicKey }).begin(
      backupId,
    )
    const added = await rotate({
      backupId,
      keyFile: keyFile.bytes,
      open: forThese({ key }),
      recipients: forThese({ id: 'me', passphrase, keyDerivation: quick }),
      keep: ['vault', 'boss'],
    })
    for (const reader of [
      forThese({ key }),
      forThese({ privateKey: rsa.privateKey }),
      forThese({ passphrase }),
    ])
      await stored(added.bytes, reader)
    const removed = await rotate({
      backupId,
      keyFile: added.bytes,
      open: forThese({ passphrase }),
      keep: ['boss'],
    })
    expect(removed.file).toBe('keys.3.json')
    await stored(removed.bytes, forThese({ privateKey: rsa.privateKey }))
    expect((await failure(stored(removed.bytes, forThese({ passphrase }))))?.code).toBe('undecryptable')
  })

  test('adds a passphrase once, however often it is run again', async () => {
    const [before, after] = [passphrase, `${passphrase}, another one`].map((text) =>
      forThese({ passphrase: text, keyDerivation: quick }),
    )
    if (before === undefined || after === undefined) throw new Error('Two were made.')
    let { keyFile } = await before.begin(backupId)
    for (let run = 1; run <= 5; run++) {
      const again = { backupId, keyFile: keyFile.bytes, open: before, recipients: after } as const
      keyFile = await rotate({ ...again, keep: 'all' })
    }
    expect(keyFile.file).toBe('keys.6.json')
    for (const reader of [before, after]) await stored(keyFile.bytes, reader)
    expect(JSON.parse(Buffer.from(keyFile.bytes).toString()).recipients).toHaveLength(2)
    const only = await rotate({ backupId, keyFile: keyFile.bytes, open: after, recipients: after })
    expect((await failure(stored(only.bytes, before)))?.code).toBe('undecryptable')
  })

  test('refuses a change that would leave no recipient, name an unknown one, or name one twice', async () => {
    const open = forThese({ key, id: 'vault' })
    const { keyFile } = await open.begin(backupId)
    const attempt = (more: object) => failure(rotate({ backupId, keyFile: keyFile.bytes, open, ...more }))
    expect((await attempt({}))?.message).toContain('nobody could open it again')
    expect((await attempt({ keep: ['nobody'] }))?.message).toContain('has no recipient nobody')
    expect(
      (await attempt({ keep: ['vault'], recipients: forThese({ id: 'vault', publicKey: rsa.publicKey }) }))
        ?.message,
    ).toContain('vault twice')
    expect((await attempt({ recipients: open, open: forThese({ key: keygen() }) }))?.code).toBe(
      'undecryptable',
    )
    expect((await attempt({ recipients: open, backupId: 'full-2' }))?.message).toContain(
      'belongs to another backup',
    )
  })

  test('refuses more passphrases than a reader would try', async () => {
    const three = () =>
      forThese(
        ...['a', 'b', 'c'].map((id) => ({
          id: `${id}-${keygen().slice(8, 12).replace(/\W/g, '0')}`,
          passphrase,
          keyDerivation: quick,
        })),
      )
    const open = three()
    const { keyFile } = await open.begin(backupId)
    const keep = open.recipients.map(({ id }) => id)
    const error = await failure(rotate({ backupId, keyFile: keyFile.bytes, open, recipients: three(), keep }))
    expect(error?.code).toBe('invalid_options')
    expect(error?.message).toContain('too many passphrases')
  })

  test('gives files names in order', () => {
    expect([1, 2, 12].map((generation) => keyFileName(generation))).toEqual([
      'keys.json',
      'keys.2.json',
      'keys.12.json',
    ])
    for (const generation of [1, 2, 10, 99, 1234])
      expect(keyGeneration(keyFileName(generation))).toBe(generation)
    for (const other of ['keys.1.json', 'keys.02.json', 'keys.x.json', 's3db.json', 'keys.json.gz'])
      expect(keyGeneration(other)).toBeUndefined()
  })
})

describe('opening and starting', () => {
  test('stop with the reason of the abort', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(withKey(key).begin(backupId, { signal })).rejects.toThrow('enough')
    const { keyFile } = await withKey(key).begin(backupId)
    await expect(withKey(key).open({ backupId, keyFile: keyFile.bytes, signal })).rejects.toThrow('enough')
  })

  test('with a key that looks raw and a key derivation use the text as a passphrase', async () => {
    const hex = randomBytes(32).toString('hex')
    const { keyFile } = await withKey(hex, { keyDerivation: quick }).begin(backupId)
    await forThese({ passphrase: hex }).open({ backupId, keyFile: keyFile.bytes })
  })
})
