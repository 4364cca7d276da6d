// @ts-nocheck: the snippets are JavaScript, and stand here as the document has them
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { documented, BackupPlugin as InstalledPlugin, pluginsOf } from './documented-scene.js'
import { filled } from './scene.js'

documented()

describe('Usage Examples', () => {
  const secure = (encryption) => ({
    driver: 's3',
    config: {
      bucket: 'secure-backups',
      storageClass: 'STANDARD_IA',
      serverSideEncryption: 'aws:kms',
      kmsKeyId: 'arn:aws:kms:region:account:key/key-id',
    },

    // Client-side encryption (before upload)
    encryption,

    // Integrity verification
    verification: true,

    // Compression for efficiency
    compression: 'gzip',
  })

  it('Advanced Security Configuration', async () => {
    vi.stubEnv('BACKUP_ENCRYPTION_KEY', 'plum-orbit-seventeen-quiet-lanterns')
    const database = await filled(2)
    const BackupPlugin = pluginsOf(database)
    const secureBackupPlugin = new BackupPlugin(
      secure({
        algorithm: 'AES-256-GCM',
        key: process.env.BACKUP_ENCRYPTION_KEY,
        keyDerivation: {
          algorithm: 'PBKDF2',
          iterations: 100000,
        },
      }),
    )

    const { id, files } = await secureBackupPlugin.backup()
    expect(files.users).not.toMatch(/\.gz$/)
    await database.resources.users.delete('u1')
    await secureBackupPlugin.restore(id)
    expect(await database.resources.users.get('u1')).toMatchObject({ name: 'Zoë 1' })
  }, 60_000) // Stretching a passphrase is slow on purpose.

  it('Advanced Security Configuration, with the salt of the document: refused, because everybody has it', () => {
    const encryption = {
      algorithm: 'AES-256-GCM',
      key: 'plum-orbit-seventeen-quiet-lanterns',
      keyDerivation: { algorithm: 'PBKDF2', iterations: 100000, salt: 'backup-salt-2024' },
    }
    expect(() => new InstalledPlugin(secure(encryption))).toThrow('keyDerivation.salt')
  })
})

it('FAQ: How to encrypt backups?', async () => {
  vi.stubEnv('BACKUP_ENCRYPTION_KEY', randomBytes(32).toString('base64'))
  const database = await filled(2)
  const BackupPlugin = pluginsOf(database)
  const plugin = new BackupPlugin({
    encryption: {
      algorithm: 'AES-256-GCM',
      key: process.env.BACKUP_ENCRYPTION_KEY,
    },
  })
  const { id, files } = await plugin.backup()
  expect(readFileSync(files.users).subarray(0, 2)).not.toEqual(Buffer.from([0x1f, 0x8b]))
  await database.resources.users.delete('u1')
  await plugin.restore(id)
  expect(await database.resources.users.get('u1')).toMatchObject({ name: 'Zoë 1' })
})

it('Best Practices: 5. Secure Sensitive Data', () => {
  vi.stubEnv('BACKUP_ENCRYPTION_KEY', 'plum-orbit-seventeen-quiet-lanterns')
  vi.stubEnv('BACKUP_SALT', 'a salt that nobody else has, 7319')
  const options = {
    encryption: {
      algorithm: 'AES-256-GCM',
      key: process.env.BACKUP_ENCRYPTION_KEY, // Store securely
      keyDerivation: {
        algorithm: 'PBKDF2',
        iterations: 100000,
        salt: process.env.BACKUP_SALT,
      },
    },
    verification: true, // Always verify encrypted backups
  }
  expect(new InstalledPlugin(options).config.verification).toBe(true)
})
