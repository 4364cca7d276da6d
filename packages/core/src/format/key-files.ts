import { BackupError, isBackupError } from '../errors.js'
import type { Manifest, Part } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'
import type { BackupCipher, Encryption } from '../ports/encryption.js'
import { collect } from '../streams/bytes.js'
import { fileKey } from './layout.js'
import { sha256 } from './sha256.js'

/** The kind of the part that is a backup's key file. */
export const keysKind = 'keys'

/** Key files are a few kilobytes. */
const largestKeyFile = 1024 * 1024

/** A backup whose key files are wanted. */
interface EncryptedBackup {
  readonly id: string
  readonly directory: string
  readonly manifest: Manifest
}

/** A key file of a backup, as it is stored. */
export interface StoredKeys {
  readonly file: string
  readonly bytes: Uint8Array
}

/** `keys.json` is the first, `keys.2.json` the second, and so on; `undefined` for other files. */
export function keyGeneration(file: string): number | undefined {
  if (file === 'keys.json') return 1
  const number = /^keys\.([2-9]|[1-9]\d{1,5})\.json$/.exec(file)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The part of the key file that the backup was made with. */
export function firstKeyPart({ encryption, parts }: Manifest): Part | undefined {
  return encryption && parts.find(({ file }) => file === encryption.keyFile)
}

/** The names of the key files that lie beside a backup, the newest first. */
export async function keyFilesOf(driver: Driver, directory: string, call: Call): Promise<string[]> {
  const files: string[] = []
  for await (const { key } of driver.list(`${directory}/`, call)) {
    const file = key.slice(directory.length + 1)
    if (keyGeneration(file) !== undefined) files.push(file)
  }
  return files.sort((a, b) => (keyGeneration(b) ?? 0) - (keyGeneration(a) ?? 0))
}

/** Opens a backup with the newest of its key files that is sound. Throws as {@link newestKeys} and `open` do. */
export async function openKeys(
  backup: { readonly driver: Driver; readonly entry: EncryptedBackup; readonly encryption: Encryption },
  call: Call,
): Promise<BackupCipher> {
  const { entry, encryption } = backup
  return newestKeys(backup, call, ({ bytes }) =>
    encryption.open({ backupId: entry.id, keyFile: bytes, ...call }),
  )
}

/**
 * Does something with the newest key file; if that says `corrupt`, with the one before. Throws `corrupt` if no key
 * file is sound, and every other failure at once: an old key must not open what was rotated away from it.
 */
export async function newestKeys<T>(
  { driver, entry }: { readonly driver: Driver; readonly entry: EncryptedBackup },
  call: Call,
  use: (keys: StoredKeys) => Promise<T>,
): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await newestListed({ driver, entry }, call, use)
    } catch (error) {
      // Somebody has just changed the keys, and removed the file that was listed.
      if (look === looks || !isBackupError(error, 'not_found')) throw error
    }
  }
}

/** So many changes of the keys in a row are not waited for. */
const looks = 3

async function newestListed<T>(
  { driver, entry }: { readonly driver: Driver; readonly entry: EncryptedBackup },
  call: Call,
  use: (keys: StoredKeys) => Promise<T>,
): Promise<T> {
  const { id, directory } = entry
  let damage: unknown
  for (const file of await keyFilesOf(driver, directory, call)) {
    try {
      return await use({ file, bytes: await readKeys(driver, entry, file, call) })
    } catch (error) {
      if (!isBackupError(error, 'corrupt')) throw error
      damage ??= error.with({ metadata: { backupId: id, file } })
    }
  }
  throw damage ?? noKeys(entry)
}

async function readKeys(
  driver: Driver,
  entry: EncryptedBackup,
  file: string,
  call: Call,
): Promise<Uint8Array> {
  const key = fileKey(entry.directory, file)
  const bytes = await collect(driver.get(key, { ...call, kind: 'keys' }), largestKeyFile, key)
  const recorded = firstKeyPart(entry.manifest)
  // Checked before a key is tried: a damaged file must not look like a wrong key.
  if (recorded?.file !== file || sha256(bytes) === recorded.sha256) return bytes
  throw new BackupError('corrupt', `${key} is damaged: it differs from what was written`, {
    operation: 'download',
    driver: driver.name,
  })
}

function noKeys({ id, directory, manifest }: EncryptedBackup): BackupError {
  const file = manifest.encryption?.keyFile ?? 'keys.json'
  return new BackupError('corrupt', `Backup '${id}' is encrypted and its key file is missing`, {
    suggestion: `Restore ${fileKey(directory, file)} from a copy; without it no key opens the backup.`,
    metadata: { backupId: id, file },
  })
}
