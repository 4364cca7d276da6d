import { BackupError, type Call, type CatalogEntry, type Driver, openCatalog } from '@s3db-backup/core'
import { fileKey, firstKeyPart, manifestFile } from '@s3db-backup/core/internal'
import type { Replica } from '../multi-driver.js'
import type { Copy } from '../states/survey.js'
import { once, readObject, storeCompared } from './object-copy.js'

export function manifestKey(directory: string): string {
  return fileKey(directory, manifestFile)
}

/**
 * Copies the manifest, byte for byte: the moment from which the replica has the backup. It is checked before a byte is
 * written, and read back afterwards.
 *
 * @throws BackupError `conflict`, `retriable`, if a part was removed there meanwhile; then the manifest is removed too.
 */
export async function copyManifest(from: Copy, to: Replica, call: Call): Promise<void> {
  const bytes = await readManifest(from, call)
  const key = manifestKey(from.entry.directory)
  await storeCompared(to, key, bytes, bytes, { ...call, kind: 'manifest' })
  const gone = await firstGone(from.entry, to, call)
  if (gone === undefined) return
  await to.driver.delete(key, call)
  throw new BackupError('conflict', `${gone} was removed at ${to.name} while the backup was copied`, {
    operation: 'upload',
    driver: to.driver.name,
    retriable: true,
    suggestion: 'Run it again.',
    metadata: { key: gone, replica: to.name },
  })
}

/**
 * The first part that is not there. Asked after the manifest was stored: a process that removes parts either sees the
 * manifest, or has removed them by now. Key files are rotated, so the manifest does not know which exist.
 */
async function firstGone(
  { directory, manifest }: CatalogEntry,
  { driver }: Replica,
  call: Call,
): Promise<string | undefined> {
  const there = new Map<string, number>()
  for await (const { key, bytes } of driver.list(`${directory}/`, call)) there.set(key, bytes)
  const keys = firstKeyPart(manifest)
  const gone = manifest.parts.find(
    (part) => part !== keys && there.get(`${directory}/${part.file}`) !== part.bytes,
  )
  return gone && `${directory}/${gone.file}`
}

/** The manifest's bytes, held against the entry that was read before. */
export async function readManifest({ replica, entry }: Copy, call: Call): Promise<Buffer> {
  const key = manifestKey(entry.directory)
  const bytes = await readObject(replica, key, { ...call, kind: 'manifest' })
  const { checksum } = await openHeld(entry, key, bytes, call)
  if (checksum === entry.checksum) return bytes
  throw new BackupError('conflict', `${key} at ${replica.name} changed while it was read`, {
    operation: 'download',
    driver: replica.driver.name,
    metadata: { key, replica: replica.name },
  })
}

/** Lets core check bytes that we hold, as if they were all that a destination has. */
function openHeld(
  { id }: CatalogEntry,
  key: string,
  bytes: Uint8Array,
  { signal }: Call,
): Promise<CatalogEntry> {
  const readOnly = () => Promise.reject(new BackupError('unsupported', 'These bytes are only looked at'))
  const held: Driver = {
    name: 'held',
    put: readOnly,
    delete: readOnly,
    get: () => once(bytes),
    list: () => once({ key, bytes: bytes.byteLength }),
  }
  return openCatalog(held).get(id, { signal, operation: 'download' })
}
