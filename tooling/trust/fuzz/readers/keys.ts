import { encryption } from '@s3db-backup/encryption'
import { destination, restored } from '../destination.ts'
import { backupIn, objectsIn, places, secretsOf } from '../fixtures.ts'
import type { Reader } from '../reader.ts'
import { key } from './manifests.ts'

const encryptedId = 'full-2024-03-15T14-30-45-abc123'
const keyFile = objectsIn(places.encryptedParts).get('keys.json') ?? Buffer.alloc(0)

/** The key file by itself, where no hash of a manifest protects it. */
const keyObject: Reader = {
  name: 'key file',
  seeds: [{ name: 'keys.json', bytes: keyFile }],
  changed: ['bytes', 'json'],
  promises: 'original',
  inputs: 250,
  async read(bytes) {
    const { key = '', backupId = '', tag = '' } = secretsOf(places.encryptedParts)
    const opened = await encryption({ algorithm: 'AES-256-GCM', key }).open({ backupId, keyFile: bytes })
    return opened.isAuthentic('manifest', Buffer.from('{}'), tag)
  },
}

/** The key file in its backup, and a later one beside it that somebody planted. */
const keysOfBackup: Reader = {
  name: 'key file of a backup',
  seeds: ['keys.json', 'keys.2.json'].map((name) => ({
    name,
    bytes: backupIn(places.encrypted, encryptedId).get(`${encryptedId}/keys.json`) ?? Buffer.alloc(0),
  })),
  changed: ['bytes', 'json'],
  promises: 'original',
  inputs: 80,
  read: (bytes, { name }) =>
    restored(
      destination(backupIn(places.encrypted, encryptedId), `${encryptedId}/${name}`, bytes),
      encryptedId,
      key(),
    ),
}

export const keyReaders: readonly Reader[] = [keyObject, keysOfBackup]
