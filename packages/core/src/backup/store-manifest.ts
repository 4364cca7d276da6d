import { BackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { sealEncrypted } from '../format/manifest/encrypted-manifest.js'
import { sealManifest } from '../format/manifest/manifest-file.js'
import { everyEntry, howManyLost, lossesOf } from '../format/manifest/stated-losses.js'
import { storedSize } from '../format/manifest/stored-size.js'
import { storeChecked } from '../format/store-checked.js'
import { checkNotSwept } from '../inventory/started.js'
import type { Manifest } from '../manifest.js'
import { once } from '../streams/bytes.js'
import type { Run } from './backup-run.js'
import type { Output } from './begin-output.js'

/** A backup that exists: its manifest is stored, and with it everything that the manifest names. */
export interface BackupResult {
  readonly id: string
  /** Its directory, relative to the driver's root. */
  readonly directory: string
  readonly manifest: Manifest
  /** SHA-256 of the manifest, which itself holds the hash of every part. */
  readonly checksum: string
  /** Stored size of everything, in bytes. */
  readonly bytes: number
  /** Stored size of the manifest, in bytes. */
  readonly manifestBytes: number
  /** Records in all resources. */
  readonly records: number
  /** How long it took, in ms. */
  readonly duration: number
}

/** Stores the manifest. From here on the backup exists. */
export async function storeManifest(
  manifest: Manifest,
  run: Run,
  { encrypted }: Output,
): Promise<BackupResult> {
  run.onEvent({ type: 'backup-phase', id: run.id, phase: 'committing' })
  const { bytes, checksum } =
    encrypted === undefined
      ? sealManifest(manifest)
      : await sealEncrypted(manifest, encrypted.cipher, run.call)
  const key = fileKey(run.directory, manifestFile)
  run.keys.push(key)
  const call = { ...run.call, kind: 'manifest' } as const
  if (run.verify) await storeChecked(run.driver, key, bytes, call)
  else await run.driver.put(key, once(bytes), call)
  if (!run.dryRun) await checkNotSwept(run.driver, run, run.call)
  const { id, directory } = run
  const stored = { id, directory, manifest, checksum, manifestBytes: bytes.byteLength }
  return resultOf(stored, { from: run.startedAt, to: run.now() })
}

/** The result of a stored backup. */
export function resultOf(
  stored: Omit<BackupResult, 'bytes' | 'records' | 'duration'>,
  { from, to }: { readonly from: Date; readonly to: Date },
): BackupResult {
  return {
    ...stored,
    bytes: storedSize(stored),
    records: Object.values(stored.manifest.resources).reduce((sum, { recordCount }) => sum + recordCount, 0),
    duration: Math.max(0, to.getTime() - from.getTime()),
  }
}

/** Throws `incomplete` for a backup that lacks records. It is kept. */
export function refuseIncomplete({ id, manifest }: BackupResult): void {
  if (manifest.status === 'completed') return
  const entries = everyEntry(manifest)
  throw new BackupError('incomplete', `Backup '${id}' lacks ${howManyLost(entries)} that could not be read`, {
    suggestion:
      'The backup was kept; metadata.lost names each record and the reason. Fix them and back up again.',
    metadata: { backupId: id, ...lossesOf(entries) },
  })
}
