import { codecsById } from '../codecs/registry.js'
import type { Operation } from '../error-table.js'
import { BackupError, during } from '../errors.js'
import { openKeys } from '../format/key-files.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { openEncrypted } from '../format/manifest/encrypted-manifest.js'
import { storedManifest } from '../format/manifest/stored-manifest.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import type { Manifest } from '../manifest.js'
import type { Codec } from '../ports/codec.js'
import type { Call, Driver } from '../ports/driver.js'
import type { BackupCipher, Encryption } from '../ports/encryption.js'
import type { Link } from './read-index.js'

/** With what stored backups are read. */
export interface Opening {
  readonly driver: Driver
  /** Codecs beyond the built-in compressions. */
  readonly codecs?: readonly Codec[] | undefined
  /** Opens encrypted backups. Given, backups that are not encrypted are refused. */
  readonly encryption?: Encryption | undefined
  /** Accept backups that are not encrypted. */
  readonly allowPlain?: boolean | undefined
  readonly operation: Operation
  readonly signal: AbortSignal
}

/**
 * A backup, ready to be read: an encrypted one is opened and its manifest authenticated. Throws `undecryptable`
 * without the right key, `corrupt` for a manifest or key file that was altered, and `conflict` for a plain backup
 * where encryption is expected: anyone who can write to the storage could have put it there.
 */
export async function openBackup(entry: CatalogEntry, opening: Opening): Promise<Link> {
  const { driver, codecs = [], encryption, operation, signal } = opening
  const context = { driver, backupId: entry.id, directory: entry.directory, signal }
  if (entry.manifest.encryption === undefined) {
    if (encryption !== undefined && opening.allowPlain !== true) throw plain(entry, operation)
    return { manifest: entry.manifest, context: { ...context, codecs: codecsById(codecs) } }
  }
  if (encryption === undefined) throw noKey(entry, operation)
  try {
    const cipher = await openKeys({ driver, entry, encryption }, { signal })
    const manifest = await readEncrypted(driver, entry, cipher, { signal })
    return { manifest, context: { ...context, codecs: codecsById([...codecs, cipher]) } }
  } catch (error) {
    throw during(operation, error)
  }
}

async function readEncrypted(
  driver: Driver,
  { directory }: CatalogEntry,
  cipher: BackupCipher,
  call: Call,
): Promise<Manifest> {
  const key = fileKey(directory, manifestFile)
  return openEncrypted(await storedManifest(driver, key, call), key, cipher, call)
}

function noKey({ id }: CatalogEntry, operation: Operation): BackupError {
  return new BackupError('undecryptable', `Backup '${id}' is encrypted and no key was given`, {
    operation,
    suggestion: 'Give the option encryption with the key that the backup was made with.',
    metadata: { backupId: id },
  })
}

function plain({ id }: CatalogEntry, operation: Operation): BackupError {
  return new BackupError('conflict', `Backup '${id}' is not encrypted, though encryption is configured`, {
    operation,
    suggestion:
      'If it was made before encryption was turned on, allow it (allowPlain). If not, someone else put it there.',
    metadata: { backupId: id },
  })
}
