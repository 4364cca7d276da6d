import { firstGone } from '../chain/first-gone.js'
import type { Link } from '../chain/read-index.js'
import { type Timed, waitForRemovals } from '../inventory/lease.js'
import type { Driver } from '../ports/driver.js'

/** The id of the first backup of a chain that has no manifest any more, after waiting up to 90 seconds for started removals. */
export async function firstGoneAfterRemovals(
  driver: Driver,
  chain: readonly Link[],
  timed: Timed,
): Promise<string | undefined> {
  const ids = chain.map(({ manifest }) => manifest.id)
  if (ids.length > 0) await waitForRemovals(driver, ids, timed)
  return firstGone(driver, chain, timed)
}
