import { type Doubt, type Loss, type SalvagedLines, salvage } from '@s3db-backup/core/internal'
import type { Storage } from '../context/plugin-context.js'
import { encrypting } from '../options/encryption.js'

/** Options of one `salvage()` call. */
export interface SalvageCall {
  /** Only these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take a backup that is not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** `plugin.salvage(id, options)`. */
export function salvageBackup(
  storage: Storage,
  backupId: string,
  { resources, exclude, allowPlain = false, signal }: SalvageCall,
): AsyncIterable<SalvagedLines | Loss | Doubt> {
  return salvage({
    driver: storage.destination.driver,
    id: backupId,
    ...encrypting(storage),
    allowPlain,
    ...(resources === undefined ? {} : { resources }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(signal === undefined ? {} : { signal }),
  })
}
