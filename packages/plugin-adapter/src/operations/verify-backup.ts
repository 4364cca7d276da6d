import {
  type BackupError,
  isBackupError,
  type OnEvent,
  openCatalog,
  type VerifyLevel,
  type VerifyReport,
  verify,
} from '@s3db-backup/core'
import type { Storage } from '../context/plugin-context.js'
import type { Announce } from '../events/announce.js'
import type { Destination } from '../options/destination.js'
import { encrypting } from '../options/encryption.js'

/** Options of one `verify()` call. */
export interface VerifyCall {
  /** How much is looked at. Default `full`. */
  readonly level?: VerifyLevel | undefined
  /** Take a backup that is not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /** Read only a sample of the parts, such as `1/7`; `1/7` to `7/7` together read all. */
  readonly subset?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: OnEvent | undefined
}

/** What a verification saw of one backup, and of those that it builds on. */
export interface PluginVerify extends VerifyReport {
  /**
   * The backups that it builds on, the full one first. Their manifests are there and were read, their contents not.
   * Empty if the chain is broken: `problems` has a `broken_chain` then.
   */
  readonly ancestors: readonly string[]
}

/** What a verification needs. */
export interface VerifyContext extends Storage {
  readonly announce: Announce
}

/** `plugin.verify(id, options)`: tells listeners how far it is, and looks last whether all ancestors are there. */
export async function verifyBackup(
  context: VerifyContext,
  backupId: string,
  call: VerifyCall,
): Promise<PluginVerify> {
  const report = await verifyAlone(context, backupId, call)
  const { ancestors, problems } = await ancestorsOf(context.destination, backupId, call)
  return {
    ...report,
    ok: report.ok && problems.length === 0,
    problems: [...report.problems, ...problems],
    ancestors,
  }
}

async function ancestorsOf(
  { driver }: Destination,
  backupId: string,
  { signal }: VerifyCall,
): Promise<{ ancestors: string[]; problems: BackupError[] }> {
  try {
    const call = { operation: 'verify', ...(signal === undefined ? {} : { signal }) } as const
    const chain = await openCatalog(driver).chain(backupId, call)
    return { ancestors: chain.slice(0, -1).map(({ id }) => id), problems: [] }
  } catch (error) {
    if (isBackupError(error, 'broken_chain')) return { ancestors: [], problems: [error] }
    throw error
  }
}

function verifyAlone(
  context: VerifyContext,
  backupId: string,
  { level, allowPlain = false, subset, signal, onEvent }: VerifyCall,
): Promise<VerifyReport> {
  const { destination, announce } = context
  return verify({
    driver: destination.driver,
    id: backupId,
    ...encrypting(context),
    allowPlain,
    ...(level === undefined ? {} : { level }),
    ...(subset === undefined ? {} : { subset }),
    ...(signal === undefined ? {} : { signal }),
    onEvent(event) {
      if (event.type === 'verify-progress') {
        const { id, file, bytes, expected } = event
        announce('plg:backup:verify-progress', { id, file, bytes, expected })
      }
      onEvent?.(event)
    },
  })
}
