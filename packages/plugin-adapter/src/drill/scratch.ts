import { randomUUID } from 'node:crypto'
import { ordered } from '@s3db-backup/core/internal'
import type { Database } from '@s3db-backup/s3db'
import { deleteObject, listObjects } from '@s3db-backup/s3db/internal'
import type { Databases } from '../context/plugin-context.js'
import { openTarget } from '../target/open-target.js'
import type { DrillFindings } from './drill-report.js'

/** A new, empty database for this drill alone. */
export interface Scratch {
  readonly database: Database
  readonly kind: DrillFindings['scratch']
  /** Closes and removes it, even after an abort. */
  remove(): Promise<void>
}

/** Opens a scratch database: `disk`, `memory` or below a connection string. */
export async function openScratch(context: Databases, where: string, signal: AbortSignal): Promise<Scratch> {
  if (where === 'disk' && context.scratchFolder !== undefined) return onDisk(context, signal)
  const inMemory = where === 'memory' || where === 'disk'
  const address = inMemory ? `memory://drill-${randomUUID()}/scratch` : below(where)
  const { database, close } = await openTarget(address, context.database(), { dryRun: false, signal })
  return {
    database,
    kind: inMemory ? 'memory' : 'database',
    async remove() {
      // Memory is kept until the process ends, and closing writes the definitions once more, so it is emptied last.
      if (inMemory) return close().finally(() => empty(database))
      await empty(database).finally(close)
    },
  }
}

async function onDisk(context: Databases, signal: AbortSignal): Promise<Scratch> {
  const folder = await context.scratchFolder?.()
  try {
    const address = `file://${folder?.path}/scratch`
    const { database, close } = await openTarget(address, context.database(), { dryRun: false, signal })
    const remove = () => close().finally(() => folder?.remove())
    return { database, kind: 'disk', remove }
  } catch (error) {
    await folder?.remove()
    throw error
  }
}

/** A place of its own below the one that was given. */
function below(address: string): string {
  const [place = '', query] = address.split('?', 2)
  const own = `${place.replace(/\/+$/, '')}/drill-${randomUUID()}`
  return query === undefined ? own : `${own}?${query}`
}

/** Objects that are deleted at once: of each record there are several. */
const deletionsInFlight = 32

/** All there is was made by the drill. Not to be aborted: nothing of it may stay. */
async function empty({ client }: Database): Promise<void> {
  const call = { signal: new AbortController().signal }
  for await (const objects of listObjects(client, '', call)) {
    // A listing may repeat keys. Each is deleted once.
    const keys = new Set(objects.map(({ key }) => key))
    for await (const _ of ordered(keys, deletionsInFlight, (key) => deleteObject(client, key, call)));
  }
}
