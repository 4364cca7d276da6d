import { openCatalog } from './catalog.js'
import type { Codec } from './codec.js'
import { codecsById } from './codecs/registry.js'
import type { Driver } from './driver.js'
import type { Operation } from './error-table.js'
import { guard } from './guard.js'
import type { Link } from './read-index.js'

export interface OpenChain {
  readonly driver: Driver
  readonly id: string
  /** Codecs beyond the built-in compressions: encryption. */
  readonly codecs?: readonly Codec[] | undefined
  readonly operation: Operation
  readonly signal: AbortSignal
}

/** The backups that one needs, the full one first, each ready to be read. Throws `not_found` or `broken_chain`. */
export async function openChain({
  driver: unguarded,
  id,
  codecs,
  operation,
  signal,
}: OpenChain): Promise<Link[]> {
  const driver = guard(unguarded)
  const readers = codecsById(codecs)
  const entries = await openCatalog(driver).chain(id, { signal, operation })
  return entries.map((entry) => ({
    manifest: entry.manifest,
    context: { driver, backupId: entry.id, directory: entry.directory, codecs: readers, signal },
  }))
}
