/** How much of the ids of newer backups is held, at most, in bytes. Chains with more changes are merged by DuckDB. */
export const mostHeld = 32 * 2 ** 20

/** What an id takes beside its characters, in bytes. */
const idOverhead = 40

/** Whether a newer backup has an id, or deletes it. The ids of each part are queried in their order. */
export type IsSuperseded = (id: string) => boolean

/** The ids that the newer backups of a chain have or delete, bytes as text. Backups are added from the newest on. */
export function supersededIds(most: number) {
  let ids: string[] | undefined = []
  let fresh: string[] = []
  let held = 0
  let areTooMany = false

  return {
    /** Notes an id of the backup that is being read. */
    add(id: string): void {
      if (areTooMany) return
      held += id.length + idOverhead
      areTooMany = held > most
      // The ids of the newer backups are kept until this one is read: each of its parts is compared with them.
      if (areTooMany) fresh = []
      // A copy, because a slice would keep the whole text in memory.
      else fresh.push(Buffer.from(id, 'latin1').toString('latin1'))
    },
    /** Says that a backup was read: its ids supersede those of the next. */
    next(): void {
      if (areTooMany) ids = undefined
      if (ids === undefined || fresh.length === 0) return
      ids = [...new Set([...ids, ...fresh])].sort()
      fresh = []
    },
    /** Asks for the ids of one part; nothing if there were too many to be held. */
    cursor(): IsSuperseded | undefined {
      if (ids === undefined) return undefined
      const sorted = ids
      let at = 0
      let next = sorted[at]
      return (id) => {
        while (next !== undefined && next < id) {
          at += 1
          next = sorted[at]
        }
        return next === id
      }
    },
  }
}
