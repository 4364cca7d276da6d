import {
  type BackupError,
  type Codec,
  type Encryption,
  isBackupError,
  type VerifyLevel,
  type VerifyReport,
  verify,
} from '@s3db-backup/core'
import { ordered, type ReplicaReport, type ReplicasReport } from '@s3db-backup/core/internal'
import { storageFailure } from '../failure.js'
import type { MultiDriver, Replica } from '../multi-driver.js'

export interface VerifyReplicasOptions {
  readonly multi: MultiDriver
  readonly id: string
  /** Default `full`. */
  readonly level?: VerifyLevel | undefined
  /** Codecs beyond the built-in compressions: encryption. */
  readonly codecs?: readonly Codec[] | undefined
  /** Opens encrypted backups. */
  readonly encryption?: Encryption | undefined
  /** Take a backup that is not encrypted although `encryption` is given. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs core's `verify` at every replica, the backup's ancestors there included. `ok` only if each of them has the whole
 * backup and all that it builds on.
 *
 * @throws BackupError `unsupported` for a codec that is not at hand, `undecryptable` if the key opens no copy: that
 * says nothing about them. A copy that does not open while another one does is damaged.
 */
export async function verifyReplicas(options: VerifyReplicasOptions): Promise<ReplicasReport> {
  const { multi, id, signal = new AbortController().signal } = options
  const replicas: ReplicaReport[] = []
  const inspect = (replica: Replica) => inspectCopy(replica, { ...options, signal })
  for await (const found of ordered(multi.replicas, multi.concurrency, inspect)) replicas.push(found)
  const unopened = replicas.find(({ error }) => isBackupError(error, 'undecryptable'))
  if (unopened !== undefined && replicas.every(({ report }) => report === undefined)) throw unopened.error
  return { id, ok: replicas.every(({ state }) => state === 'whole'), replicas }
}

/**
 * Says at which replicas a backup is whole, by the presence and the size of each part that a restore needs. Reads no
 * part.
 */
export async function locate(options: {
  multi: MultiDriver
  id: string
  signal?: AbortSignal | undefined
}): Promise<readonly ReplicaReport[]> {
  return (await verifyReplicas({ ...options, level: 'quick' })).replicas
}

async function inspectCopy(
  { name, driver }: Replica,
  options: VerifyReplicasOptions & { readonly signal: AbortSignal },
): Promise<ReplicaReport> {
  const { id, level = 'full', codecs = [], encryption, allowPlain = false, signal } = options
  const key = encryption === undefined ? {} : { encryption }
  try {
    const report = await verify({ driver, id, level, codecs, ...key, allowPlain, signal })
    return { name, state: report.ok ? 'whole' : isOrphaned(report) ? 'orphaned' : 'damaged', report }
  } catch (error) {
    if (isBackupError(error, 'unsupported')) throw error
    const failure = storageFailure(error, signal)
    return { name, state: stateOf(failure), error: failure }
  }
}

/** Whether all problems are in the backups that this one builds on. */
function isOrphaned({ id, problems }: VerifyReport): boolean {
  return problems.every(({ code, metadata }) => code === 'broken_chain' || metadata.backupId !== id)
}

/** Problems of a copy itself. `conflict`: it is not encrypted although it should be, or there are two. */
const faults: ReadonlySet<string> = new Set(['corrupt', 'incompatible_format', 'undecryptable', 'conflict'])

function stateOf({ code }: BackupError): ReplicaReport['state'] {
  if (code === 'not_found') return 'missing'
  return faults.has(code) ? 'damaged' : 'unreachable'
}
