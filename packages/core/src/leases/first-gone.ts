import type { Link } from '../chain/read-index.js'
import { fileKey, manifestFile } from '../format/layout.js'
import { isListed } from '../inventory/is-listed.js'
import { type Timed, waitForRemovals } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'

/** The id of the first backup of a chain that has no manifest any more. */
export async function firstGone(
  driver: Driver,
  chain: readonly Link[],
  { signal }: Pick<Timed, 'signal'>,
): Promise<string | undefined> {
  for (const { manifest, context } of chain) {
    const key = fileKey(context.directory, manifestFile)
    if (!(await isListed(driver, key, { signal }))) return manifest.id
  }
  return undefined
}

/** The same, after waiting for started removals of any of them, up to 90 seconds. */
export async function firstGoneAfterRemovals(
  driver: Driver,
  chain: readonly Link[],
  timed: Timed,
): Promise<string | undefined> {
  const ids = chain.map(({ manifest }) => manifest.id)
  if (ids.length > 0) await waitForRemovals(driver, ids, timed)
  return firstGone(driver, chain, timed)
}
