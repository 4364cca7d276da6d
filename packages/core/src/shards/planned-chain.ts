import type { Run } from '../backup/backup-run.js'
import { openBackup } from '../chain/open-backup.js'
import { checkNeighbours } from '../chain/open-chain.js'
import type { Link } from '../chain/read-index.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { readManifestEntry } from '../inventory/manifest-entry.js'
import type { PlannedLink, ShardPlan } from './shard-plan.js'

export function toPlanned(chain: readonly Link[]): PlannedLink[] {
  return chain.map(({ manifest, context }) => ({ id: manifest.id, directory: context.directory }))
}

/** The chain that the plan's backup continues. Throws `conflict`, `retriable`, if a backup of it is gone. */
export async function parentChain(plan: ShardPlan, run: Run): Promise<Link[] | undefined> {
  return plan.chain === null ? undefined : openPlanned(plan.chain, run)
}

/** The chain that a full backup is compared with; nothing if it cannot be opened. */
export async function predecessorChain(plan: ShardPlan, run: Run): Promise<Link[] | undefined> {
  if (plan.predecessor === null) return undefined
  try {
    return await openPlanned(plan.predecessor, run)
  } catch (error) {
    run.call.signal.throwIfAborted()
    if (isBackupError(error)) return undefined
    throw error
  }
}

async function openPlanned(links: readonly PlannedLink[], run: Run): Promise<Link[]> {
  const { driver, codecs, encryption, call } = run
  const opening = { driver, codecs, encryption, allowPlain: true, operation: 'backup', ...call } as const
  const chain: Link[] = []
  // One after the other: stretching a passphrase takes 128 MiB.
  for (const { id, directory } of links) {
    const object = { key: fileKey(directory, manifestFile), bytes: 0 }
    const entry = await readManifestEntry({ driver, directory, object }, call).catch((error: unknown) => {
      if (isBackupError(error, 'not_found')) return undefined
      throw error
    })
    if (entry !== undefined && 'problem' in entry) throw entry.problem
    if (entry === undefined || entry.id !== id) throw goneFrom(id, directory, run)
    checkNeighbours(chain.at(-1)?.manifest, entry.manifest, 'backup')
    chain.push(await openBackup(entry, opening))
  }
  return chain
}

function goneFrom(parent: string, directory: string, { id }: Run): BackupError {
  return new BackupError('conflict', `Backup '${parent}', which '${id}' builds on, is not at ${directory}`, {
    suggestion: 'Abort the plan and make another one.',
    metadata: { backupId: id, parent },
  })
}
