import type { ObjectInfo } from '@s3db-backup/core'
import type { Replica } from '../multi-driver.js'

/** Sizes remembered of each replica. Some 150 bytes each. */
const most = 50_000

const listed = new WeakMap<Replica, Map<string, number>>()

/** Remembers what a replica lists, so that a read of the object need not ask again how large it is. */
export function noteSize(replica: Replica, { key, bytes }: ObjectInfo): void {
  const sizes = listed.get(replica) ?? new Map<string, number>()
  if (sizes.size >= most) sizes.clear()
  listed.set(replica, sizes.set(key, bytes))
}

/**
 * Whether the replica has listed the object with this size. Objects are written once, so what was true stays true; that
 * it is not known, or another, says nothing, because the key may hold something else by now.
 */
export function wasListedWith(replica: Replica, key: string, bytes: number): boolean {
  return listed.get(replica)?.get(key) === bytes
}
