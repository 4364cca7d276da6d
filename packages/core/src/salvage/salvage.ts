import * as z from 'zod'
import { openBackup } from '../chain/open-backup.js'
import { type ReadOptions, readOptions } from '../chain/read-options.js'
import { checkCodecs } from '../format/part-reader.js'
import { openCatalog } from '../inventory/catalog.js'
import { parseOptions } from '../options.js'
import { guard } from '../ports/guard.js'
import { select } from '../select.js'
import { type Doubt, doubtsAbout } from './doubts.js'
import { knownMembers } from './known-members.js'
import type { Loss } from './losses.js'
import { type SalvagedLines, salvagePart } from './salvage-part.js'

export interface SalvageOptions extends ReadOptions {
  readonly id: string
  /** Only these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
}

/** The kinds of part that hold what a restore brings back. The key index is not among them. */
const kinds: ReadonlySet<string> = new Set(['rows', 'raw', 'deleted'])

/**
 * Recovers the provably intact records of a damaged backup, a batch of lines at a time, and reports for each part which
 * stored bytes and lines are lost. For an incremental backup these are its own records, not those of its parents.
 *
 * Uncompressed parts lose only the damaged blocks of 4 MiB, gzip the damaged members of 1 MiB of content (each has
 * a CRC-32; `proof` says whether there is more), all others and encrypted parts what follows the first damage. From these
 * losses, single lines are recovered where they can be read and the content hash in the key index proves them.
 *
 * A backup can be wrong although every byte is as it was written: two records with one id, or a row that differs from the
 * key index. In resources without losses, what `verify` would refuse is reported at the end, as doubts.
 *
 * @throws BackupError `not_found`; `corrupt` if the manifest is damaged or an encrypted backup has no key file
 * left: then nothing can be proven. `undecryptable`, and what the storage says if it cannot be read.
 *
 * @example
 * ```ts
 * import { type Driver, salvage } from '@s3db-backup/core'
 *
 * async function rescue(driver: Driver, id: string) {
 *   for await (const found of salvage({ driver, id })) {
 *     if (found.type === 'lost') console.error(found.file, 'lost lines', found.lines)
 *     else if (found.type === 'doubt') console.error(found.problem.message)
 *     else if (found.holds === 'rows') for (const row of found.lines) console.log(JSON.stringify(row))
 *   }
 * }
 * ```
 */
export async function* salvage(options: SalvageOptions): AsyncGenerator<SalvagedLines | Loss | Doubt> {
  const { id, signal, resources, exclude, ...given } = parseOptions(optionsSchema, options, {
    what: 'salvage options',
    operation: 'restore',
  })
  const driver = guard(given.driver)
  const entry = await openCatalog(driver).get(id, { signal, operation: 'restore' })
  const { manifest, context } = await openBackup(entry, { ...given, driver, operation: 'restore', signal })
  const names = [...Object.keys(manifest.resources), ...Object.keys(manifest.internal)]
  const wanted = new Set(select(names, { resources, exclude }))
  const parts = manifest.parts.filter(({ resource, holds }) => wanted.has(resource) && kinds.has(holds))
  checkCodecs(context, parts)
  const incomplete = new Set<string>()
  const members = knownMembers({ manifest, context })
  for (const part of parts) {
    for await (const found of salvagePart({ manifest, context }, part, members)) {
      if (found.type === 'lost') incomplete.add(part.resource)
      yield found
    }
  }
  const whole = names.filter((name) => wanted.has(name) && !incomplete.has(name))
  for await (const doubt of doubtsAbout({ manifest, context }, whole)) yield doubt
}

const optionsSchema = z.strictObject({
  ...readOptions,
  id: z.string(),
  resources: z.array(z.string()).readonly().optional(),
  exclude: z.array(z.string()).readonly().optional(),
})
