import type { BackupError } from '../errors.js'
import type { IndexEntry } from '../ports/source.js'
import { withoutTombstones } from './merge-sorted.js'
import { type Link, linksOf, readIndex } from './read-index.js'
import { stateHash } from './state-hash.js'

/** The marks of the records that a resource has at the end of a chain, in the order of their ids. */
export async function* readState(chain: readonly Link[], resource: string): AsyncGenerator<IndexEntry[]> {
  for await (const entries of withoutTombstones(readIndex(linksOf(chain, resource), resource))) {
    yield entries.flatMap((entry) => (entry.deleted === true ? [] : [entry]))
  }
}

/** Like {@link readState}; throws `otherwise()` at its end unless the marks come to the given state hash. */
export async function* checkedState(
  chain: readonly Link[],
  resource: string,
  state: string,
  otherwise: () => BackupError,
): AsyncGenerator<IndexEntry[]> {
  const seen = stateHash()
  for await (const marks of readState(chain, resource)) {
    for (const { id, hash } of marks) seen.add(id, hash)
    yield marks
  }
  if (seen.value() !== state) throw otherwise()
}
