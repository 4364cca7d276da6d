import type { Run } from '../backup/backup-run.js'
import { type Opening, openBackup } from '../chain/open-backup.js'
import { checkNeighbours } from '../chain/open-chain.js'
import type { Link } from '../chain/read-index.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { readManifestEntry } from '../inventory/manifest-entry.js'
import type { PlannedLink, ShardPlan } from './shard-plan.js'

export function toPlanned(chain: readonly Link[]): PlannedLink[] {
  return chain.map(({ manifest, context }) => ({ id: manifest.id, directory: context.directory }))
}

/**
 * The chain that the plan's backup continues. Throws `conflict`: `retriable` if a backup of it is gone, else for one that
 * is not encrypted though encryption is configured, which somebody has put in its place.
 */
export async function parentChain(plan: ShardPlan, run: Run): Promise<Link[] | undefined> {
  return plan.chain === null ? undefined : openPlanned(plan.chain, run, false)
}

/** The chain that a full backup is compared with; nothing if it cannot be opened. */
export async function predecessorChain(plan: ShardPlan, run: Run): Promise<Link[] | undefined> {
  if (plan.predecessor === null) return undefined
  try {
    // Only compared with, so it may be older than the encryption.
    return await openPlanned(plan.predecessor, run, true)
  } catch (error) {
    run.call.signal.throwIfAborted()
    if (isBackupError(error)) return undefined
    throw error
  }
}

function openPlanned(links: readonly PlannedLink[], run: Run, allowPlain: boolean): Promise<Link[]> {
  const { driver, codecs, encryption, call, id } = run
  const opening = { driver, codecs, encryption, allowPlain, operation: 'backup', ...call } as const
  return openLinks(links, opening, (link) => goneFrom(link, id))
}

/** Opens backups where they were when somebody else opened them. Throws `gone` for one that is not there any more. */
export async function openLinks(
  links: readonly PlannedLink[],
  opening: Opening,
  gone: (link: PlannedLink) => BackupError,
): Promise<Link[]> {
  const { driver, signal } = opening
  const chain: Link[] = []
  // One at a time: stretching a passphrase takes 128 MiB.
  for (const { id, directory } of links) {
    const object = { key: fileKey(directory, manifestFile), bytes: 0 }
    const entry = await readManifestEntry({ driver, directory, object }, { signal }).catch(
      (error: unknown) => {
        if (isBackupError(error, 'not_found')) return undefined
        throw error
      },
    )
    if (entry !== undefined && 'problem' in entry) throw entry.problem
    if (entry === undefined || entry.id !== id) throw gone({ id, directory })
    checkNeighbours(chain.at(-1)?.manifest, entry.manifest, opening.operation)
    chain.push(await openBackup(entry, opening))
  }
  return chain
}

function goneFrom({ id: parent, directory }: PlannedLink, id: string): BackupError {
  return new BackupError('conflict', `Backup '${parent}', which '${id}' builds on, is not at ${directory}`, {
    suggestion: 'Abort the plan and make another one.',
    metadata: { backupId: id, parent },
  })
}
