import type { Link } from '../chain/read-index.js'
import { isBackupError } from '../errors.js'
import { checkMembers } from '../format/member-check.js'
import type { Member } from '../format/members.js'
import { readOffsets } from '../format/offsets.js'
import { type Part, partsOf } from '../manifest.js'
import { onceEach } from '../once-each.js'

/** The members of a part with their hashes, as the backup's offsets have them; none where nobody knows. */
export type KnownMembers = (part: Part) => Promise<readonly Member[]>

/** Reads the offsets of each resource once. Damaged offsets are ignored. */
export function knownMembers({ manifest, context }: Link): KnownMembers {
  const ofResource = onceEach<ReadonlyMap<string, readonly Member[]>>((resource) =>
    unlessDamaged(readOffsets(context, partsOf(manifest, resource, 'offsets')), new Map()),
  )
  return async (part) => {
    const members = (await ofResource(part.resource)).get(part.file) ?? []
    const fitting = async () => {
      if (members.length > 0) checkMembers(context, part, members)
      return members
    }
    return unlessDamaged(fitting(), [])
  }
}

async function unlessDamaged<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isBackupError(error, 'corrupt') && !isBackupError(error, 'not_found')) throw error
    return otherwise
  }
}
