import * as z from 'zod'
import { BackupError, isBackupError } from '../errors.js'
import { checkBackupId, parseBackupId } from '../format/backup-id.js'
import { backupDirectory, fileKey, manifestFile, planFile } from '../format/layout.js'
import { renderFolder } from '../format/path-template.js'
import { inventory } from '../inventory/inventory.js'
import { isListed } from '../inventory/is-listed.js'
import type { Call, Driver } from '../ports/driver.js'
import { fieldsOf, forged, readShardNote } from './shard-note.js'

/** A plan at a destination, with what of it can be read without a key. */
export interface FoundPlan extends PlanHead {
  readonly id: string
  readonly directory: string
  readonly bytes: Uint8Array
}

/** The public fields of a plan. */
export interface PlanHead {
  readonly claim: string
  readonly type: string
  readonly startedAt: string
  /** How many there are. */
  readonly count: number
  /** The lease that keeps what the backup builds on; nothing if none could be stored. */
  readonly lease?: string | undefined
  /** The key file of an encrypted backup. */
  readonly keyFile?: string | undefined
}

const headSchema = z.object({
  claim: z.string(),
  type: z.string(),
  startedAt: z.iso.datetime(),
  count: z.number().int().min(1),
  lease: z.string().optional(),
  keyFile: z.string().optional(),
})

/**
 * Finds the plan of a backup: where the folder template says, else by a listing of everything. Gives `committed` for a
 * backup whose plan was cleared away since. Throws `not_found` if there is neither.
 */
export async function findPlan(
  driver: Driver,
  { id, folder }: { readonly id: string; readonly folder: string },
  call: Call,
): Promise<FoundPlan | { readonly committed: string }> {
  checkBackupId(id, 'backup')
  const known = directoryIn(folder, id)
  const found = await planIn(driver, { id, directory: known }, call)
  if (found !== undefined) return found
  const here = await inventory(driver, call)
  const stored = here.directories.filter((directory) => directory.id === id)
  for (const { directory } of stored) {
    const plan = directory === known ? undefined : await planIn(driver, { id, directory }, call)
    if (plan !== undefined) return plan
  }
  const backup = stored.find(({ holding }) => holding === 'backup')
  if (backup !== undefined) return { committed: backup.directory }
  throw new BackupError('not_found', `There is no plan of a backup '${id}'`, {
    suggestion: 'It was aborted, or made at another destination. Make a plan with shard plan.',
    metadata: { backupId: id },
  })
}

/** Whether the backup of a plan exists. */
export function isCommitted(driver: Driver, directory: string, call: Call): Promise<boolean> {
  return isListed(driver, fileKey(directory, manifestFile), call)
}

function directoryIn(folder: string, id: string): string {
  const parsed = parseBackupId(id)
  return parsed === undefined
    ? backupDirectory(folder.includes('{') ? '' : folder, id)
    : backupDirectory(renderFolder(folder, { id, ...parsed }), id)
}

async function planIn(
  driver: Driver,
  place: { readonly id: string; readonly directory: string },
  call: Call,
): Promise<FoundPlan | undefined> {
  const key = fileKey(place.directory, planFile)
  try {
    const bytes = await readShardNote({ driver, ...place }, planFile, call)
    const head = headSchema.safeParse(fieldsOf(bytes, key))
    if (!head.success) throw forged(key, 'it is incomplete')
    return { ...head.data, ...place, bytes }
  } catch (error) {
    if (isBackupError(error, 'not_found')) return undefined
    throw error
  }
}
