import * as z from 'zod'
import { BackupError, isBackupError } from '../errors.js'
import { readNote, storeNote } from '../format/json-note.js'
import { decisionFile, fileKey, manifestFile } from '../format/layout.js'
import { storedManifestIfAny } from '../format/manifest/stored-manifest.js'
import { sha256 } from '../format/sha256.js'
import type { Attempt } from '../inventory/attempt.js'
import { checkNotSwept, longestNote } from '../inventory/started.js'
import { formatName } from '../manifest.js'
import type { Call, Driver } from '../ports/driver.js'

/** What becomes of a manifest for good. */
export type Decision = 'kept' | 'withdrawn'

const decisionSchema = z.object({
  format: z.string().startsWith('s3db-backup/'),
  id: z.string(),
  manifest: z.string(),
  decision: z.enum(['kept', 'withdrawn']),
})

type Place = Attempt & { readonly driver: Driver }

/**
 * Decides what becomes of a stored manifest, and returns what was decided. The first decision stands, because the storage
 * writes an object once.
 *
 * One coordinator may have to take its manifest back while another has found it and reports success. Each of them asks
 * here first, so only one of the two happens. Each manifest has a decision of its own.
 */
export async function decide(
  { driver, directory, id }: Place,
  { manifest, decision }: { readonly manifest: string; readonly decision: Decision },
  call: Call,
): Promise<Decision> {
  const note = { format: formatName, id, manifest, decision }
  try {
    await storeNote(driver, fileKey(directory, decisionFile(manifest)), note, { ...call, kind: 'note' })
    return decision
  } catch (error) {
    if (!isBackupError(error, 'conflict')) throw error
    const decided = await decisionOf({ driver, directory }, manifest, call)
    if (decided === undefined) throw error
    return decided
  }
}

/**
 * Makes sure that the manifest of another coordinator stays. Throws `conflict`, `retriable`, if it is taken back, or
 * may still be, because the plan was aborted meanwhile.
 */
export async function confirmCommitted(
  place: Place,
  call: Call,
  checkParent: () => Promise<void>,
): Promise<void> {
  const { driver, directory, id } = place
  const manifest = await storedDigest(place, call)
  if (manifest === undefined) throw takenBack(id)
  const decided = await decisionOf(place, manifest, call)
  // A process that removes the plan removes its note first. If the note is still there, the manifest came first.
  if (decided === undefined) {
    await checkNotSwept(driver, place, call)
    // The other coordinator may check only now whether the parent exists, and could no longer take the manifest back.
    await checkParent()
  }
  if ((decided ?? (await decide(place, { manifest, decision: 'kept' }, call))) === 'withdrawn')
    throw takenBack(id)
  if ((await storedDigest(place, call)) !== undefined) return
  // The manifest was gone before the decision.
  await driver.delete(fileKey(directory, decisionFile(manifest)), call)
  throw takenBack(id)
}

/** SHA-256 of the stored manifest, which distinguishes those of two coordinators; `undefined` if there is none. */
async function storedDigest({ driver, directory }: Place, call: Call): Promise<string | undefined> {
  const bytes = await storedManifestIfAny(driver, fileKey(directory, manifestFile), call)
  return bytes && sha256(bytes)
}

async function decisionOf(
  { driver, directory }: Pick<Place, 'driver' | 'directory'>,
  manifest: string,
  call: Call,
): Promise<Decision | undefined> {
  const key = fileKey(directory, decisionFile(manifest))
  const options = { schema: decisionSchema, longest: longestNote }
  const note = await readNote(driver, key, options, { ...call, kind: 'note' })
  return note?.manifest === manifest ? note.decision : undefined
}

function takenBack(id: string): BackupError {
  return new BackupError('conflict', `Another coordinator made backup '${id}' and took it back`, {
    retriable: true,
    suggestion:
      'Run shard status: commit again if the plan is still there. If this error stays, the other coordinator ended before it removed its manifest: delete the backup and make another plan.',
    metadata: { backupId: id },
  })
}
