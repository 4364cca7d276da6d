import { fileKey, manifestFile } from '../format/layout.js'
import { isListed } from '../inventory/is-listed.js'
import type { Call, Driver } from '../ports/driver.js'
import type { Link } from './read-index.js'

/** The id of the first backup of a chain that has no manifest any more. */
export async function firstGone(
  driver: Driver,
  chain: readonly Link[],
  call: Call,
): Promise<string | undefined> {
  for (const { manifest, context } of chain) {
    const key = fileKey(context.directory, manifestFile)
    if (!(await isListed(driver, key, call))) return manifest.id
  }
  return undefined
}
