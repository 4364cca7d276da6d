import { openCatalog } from './catalog.js'
import { guard } from './guard.js'
import { type Opening, openBackup } from './open-backup.js'
import type { Link } from './read-index.js'

export interface OpenChain extends Opening {
  readonly id: string
}

/**
 * The backups that one needs, the full one first, each ready to be read. Throws `not_found` or `broken_chain`, and
 * what {@link openBackup} throws, before anything of their content is read.
 */
export async function openChain(options: OpenChain): Promise<Link[]> {
  const { id, operation, signal } = options
  const driver = guard(options.driver)
  const entries = await openCatalog(driver).chain(id, { signal, operation })
  const chain: Link[] = []
  // One after the other: stretching a passphrase takes 128 MiB.
  for (const entry of entries) chain.push(await openBackup(entry, { ...options, driver }))
  return chain
}
