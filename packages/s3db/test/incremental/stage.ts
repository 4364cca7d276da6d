import { backup } from '@s3db-backup/core'
import { memoryStore } from './memory-store.js'
import { connect, freshName, isRecord, sourceOf } from './real-database.js'
import { likeS3, type S3Like } from './s3-like.js'

/** When a write happens, seen from the backup: each moment comes once in a backup of four records in two pages. */
export const moments = [
  'before the listing',
  'between two pages',
  'between listing and reads',
  'between reads',
  'after',
] as const
export type Moment = (typeof moments)[number]

/** A database of four records that lists two on a page, and whose writers act at chosen moments. */
export async function openStage(step: number) {
  const happenings = new Map<Moment, () => Promise<void>>()
  let happening = false
  const happen = async (moment: Moment) => {
    // Writers also read and list; calls made meanwhile are not the backup's.
    if (happening) return
    const act = happenings.get(moment)
    happenings.delete(moment)
    happening = true
    await act?.()
    happening = false
  }
  let reads = 0
  const s3: S3Like = {
    pageSize: 2,
    step,
    async onPage(prefix, page) {
      if (prefix.includes('/data/')) await happen(page === 1 ? 'before the listing' : 'between two pages')
    },
    async onRead(key, when) {
      if (!isRecord(key)) return
      if (when === 'before') await happen('between listing and reads')
      else if (!happening && ++reads > 1) await happen('between reads')
    },
  }
  const database = await connect(`memory://${freshName()}/some/prefix`, (client) => likeS3(client, s3))
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string' },
    asyncPartitions: false,
  })
  for (const id of ['a', 'b', 'c', 'd']) await users.insert({ id, name: 'first' })
  const store = memoryStore()
  // Named explicitly, because the clock may not move between two backups.
  let parent: string | undefined
  const takeBackup = async () => {
    reads = 0
    const type = parent === undefined ? {} : { type: 'incremental', incremental: { since: parent } }
    const made = await backup({
      source: sourceOf(database, { readsInFlight: 1 }),
      driver: store,
      verify: false,
      ...type,
    })
    parent = made.id
    await happen('after')
    return made
  }
  return { database, users, store, happenings, takeBackup }
}
