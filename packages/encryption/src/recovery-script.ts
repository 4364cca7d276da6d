import { codecId } from './codec.js'
import { keyNamespace } from './esdk.js'
import { keyFileFormat } from './key-file-schema.js'

/**
 * Whether a file of this name was compressed, and with what, is in the manifest; the script knows the suffixes. `.json`
 * is the manifest's own.
 */
const decompressors = `{ '.gz': zlib.createGunzip, '.json': zlib.createGunzip, '.deflate': zlib.createInflate, '.br': zlib.createBrotliDecompress, '.zst': zlib.createZstdDecompress }`

/**
 * A program that opens one part of a backup with nothing of this project: Node, AWS's own package and a key.
 * The names in it are those of the format, so it must change with nothing but the format.
 */
export const recoveryScript = `import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import zlib from 'node:zlib'
import aws from '@aws-crypto/client-node'

const [keyFile, part, target] = process.argv.slice(2)
const { BACKUP_KEY, BACKUP_PASSPHRASE, BACKUP_PRIVATE_KEY_FILE } = process.env
const client = aws.buildClient(aws.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
const keyNamespace = '${keyNamespace}'
const wrappingSuite = aws.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING
const raw = (keyName, key) => new aws.RawAesKeyringNode({ keyName, keyNamespace, unencryptedMasterKey: new Uint8Array(key), wrappingSuite, utf8Sorting: true })
const bytes = (text) => text.startsWith('hex:') ? Buffer.from(text.slice(4), 'hex') : /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text.replace('base64:', ''), 'base64')
const stretch = (text, { kdf, N, r, p, iterations, salt }) => kdf === 'scrypt'
  ? scryptSync(text.normalize('NFC'), Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 2 ** 30 })
  : pbkdf2Sync(text.normalize('NFC'), Buffer.from(salt, 'base64'), iterations, 32, 'sha512')
const keyring = {
  'raw-key': ({ id }) => BACKUP_KEY && raw(id, bytes(BACKUP_KEY)),
  passphrase: ({ id, params }) => BACKUP_PASSPHRASE && raw(id, stretch(BACKUP_PASSPHRASE, params)),
  rsa: ({ id }) => BACKUP_PRIVATE_KEY_FILE && new aws.RawRsaKeyringNode({ keyName: id, keyNamespace, rsaKey: { privateKey: readFileSync(BACKUP_PRIVATE_KEY_FILE) }, oaepHash: 'sha256' }),
  'aws-kms': ({ params }) => new aws.KmsKeyringNode({ keyIds: [params.keyArn] }),
}
const { backupId, recipients } = JSON.parse(readFileSync(keyFile, 'utf8'))
let backupKey
for (const recipient of recipients) {
  try {
    const { plaintext, messageHeader } = await client.decrypt(keyring[recipient.type](recipient), Buffer.from(recipient.wrapped, 'base64'))
    const { encryptionContext: is } = messageHeader
    if (is.format === '${keyFileFormat}' && is.backupId === backupId && is.recipient === recipient.id) backupKey = plaintext
  } catch (error) {
    console.error(recipient.id, 'does not open:', error.message.split('\\n')[0])
  }
}
if (!backupKey) throw new Error('No key at hand opens this backup.')
const decrypt = client.decryptUnsignedMessageStream(raw('backup-key', backupKey))
decrypt.once('MessageHeader', ({ encryptionContext: is }) => {
  console.log('This is', is)
  if (is.format !== '${codecId}' || is.backupId !== backupId || is.file !== basename(part)) decrypt.destroy(new Error('This part does not belong here.'))
})
const source = basename(part) === 's3db.json' ? Readable.from([Buffer.from(JSON.parse(readFileSync(part, 'utf8')).private, 'base64')]) : createReadStream(part)
const decompress = ${decompressors}[extname(basename(part, '.enc'))]
await pipeline(source, decrypt, ...(decompress ? [decompress()] : []), createWriteStream(target))
console.log('Written to', target)
`
