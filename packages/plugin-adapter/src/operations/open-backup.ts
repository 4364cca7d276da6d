import { type OpenedBackup, open } from '@s3db-backup/core'
import { type FoundRecord, find } from '@s3db-backup/core/internal'
import type { Storage } from '../context/plugin-context.js'
import { encrypting } from '../options/encryption.js'

/** Options of one `open()` call. */
export interface OpenCall {
  /** Take a backup that is not encrypted although a key is configured. */
  readonly allowPlain?: boolean | undefined
  /** Ends whatever is read of the backup, too. */
  readonly signal?: AbortSignal | undefined
}

/** `plugin.open(which, options)`: a backup, read in place. */
export function openStored(
  storage: Storage,
  which: string | { readonly at: Date | string },
  { allowPlain = false, signal }: OpenCall,
): Promise<OpenedBackup> {
  const { driver } = storage.destination
  const chosen = typeof which === 'string' ? { id: which } : which
  return open({ driver, ...chosen, ...encrypting(storage), allowPlain, signal })
}

/** Options of one `find()` call. */
export interface FindCall extends OpenCall {
  /** Only in these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
}

/** `plugin.find(id, options)`: which resources have, or had, a record of this id. */
export function findRecord(
  storage: Storage,
  id: string,
  { resources, allowPlain = false, signal }: FindCall,
): AsyncIterable<FoundRecord> {
  const { driver } = storage.destination
  return find({ driver, id, resources, ...encrypting(storage), allowPlain, signal })
}
