import {
  type OnEvent,
  type VerifyChoices,
  type VerifyLevel,
  type VerifyReport,
  verify,
} from '@s3db-backup/core'
import { type Inventory, type VerifyOutcome, verifyAll } from '@s3db-backup/core/internal'
import type { Storage } from '../context/plugin-context.js'
import type { Announce } from '../events/announce.js'
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

/** The result of verifying one backup and the ones that it builds on. */
export type PluginVerify = VerifyReport

/** What a verification needs. */
export interface VerifyContext extends Storage {
  readonly announce: Announce
}

/** `plugin.verify(id, options)`: reports its progress to listeners. */
export function verifyBackup(
  context: VerifyContext,
  backupId: string,
  call: VerifyCall,
): Promise<PluginVerify> {
  return verify({ ...choices(context, call), id: backupId })
}

/** The same for several backups of an inventory, without reading anything twice. */
export function verifyBackups(
  context: VerifyContext,
  { ids, inventory }: { readonly ids: readonly string[]; readonly inventory: Inventory },
  call: VerifyCall,
): Promise<VerifyOutcome[]> {
  return verifyAll({ ...choices(context, call), ids, inventory })
}

function choices(
  context: VerifyContext,
  { level, allowPlain = false, subset, signal, onEvent }: VerifyCall,
): VerifyChoices {
  const { destination, announce } = context
  return {
    driver: destination.driver,
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
  }
}
