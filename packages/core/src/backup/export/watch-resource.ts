import type { Link } from '../../chain/read-index.js'
import type { Call } from '../../ports/driver.js'
import type { IdRange, SecondLook } from '../../ports/source.js'
import type { Base } from '../parent/base.js'
import { inOneBatch, recordsBefore } from '../parent/predecessor.js'
import { unwatched } from '../second-look/unwatched.js'
import { type Watch, watch } from '../second-look/watch.js'

export interface WatchedResource {
  readonly look: SecondLook | undefined
  readonly resource: string
  /** What the backup builds on. */
  readonly base: Base | undefined
  /** The chain that a whole resource is compared with. */
  readonly earlier: readonly Link[] | undefined
  /** Only of these records; of all if left out. */
  readonly range?: IdRange | undefined
}

/**
 * How the records of a resource are watched: in an incremental backup its deletions, and whether everything comes
 * that the parent lost; in a full one whether everything comes that the backup before it has.
 */
export function watchResource({ look, resource, base, earlier, range }: WatchedResource, call: Call): Watch {
  const noLosses: ReadonlySet<string> = new Set()
  if (base !== undefined) {
    if (look === undefined) return unwatched(base.lost)
    const before = (id: string) => base.lostInIndex.get(id)
    return watch({ look, resource, expected: inOneBatch(base.lost), before, lostBefore: base.lost, call })
  }
  const records =
    look === undefined || earlier === undefined ? undefined : recordsBefore(earlier, resource, range)
  if (look === undefined || records === undefined) return unwatched(noLosses)
  const { marks, lost } = records
  return watch({ look, resource, expected: marks, before: () => undefined, lostBefore: lost, call })
}
