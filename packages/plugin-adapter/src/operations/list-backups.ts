import { openCatalog, parseOptions } from '@s3db-backup/core'
import type { Destination } from '../options/destination.js'
import { type ListCall, listCallSchema } from '../options/plugin-options.js'
import { describeBackup, describeDamaged, type ListedBackup } from './results.js'

/** `plugin.listBackups(options)`: what the destination has, newest first, damaged ones last. Needs no database. */
export async function listBackups(destination: Destination, options: ListCall): Promise<ListedBackup[]> {
  const call = parseOptions(listCallSchema, options, { what: 'options of listBackups()', operation: 'list' })
  const { prefix = '', startDate, endDate, limit, signal } = call
  const { backups, damaged } = await openCatalog(destination.driver).list(
    signal === undefined ? {} : { signal },
  )
  const from = startDate === undefined ? Number.NEGATIVE_INFINITY : new Date(startDate).getTime()
  const to = endDate === undefined ? Number.POSITIVE_INFINITY : endOf(endDate)
  const wanted = backups.filter(({ id, manifest }) => {
    const time = Date.parse(manifest.exportedAt)
    return id.startsWith(prefix) && time >= from && time <= to
  })
  // A damaged manifest tells no time, so it is left out as soon as times are asked for.
  const timeless = startDate === undefined && endDate === undefined
  const broken = timeless ? damaged.filter(({ id }) => id.startsWith(prefix)) : []
  const listed: ListedBackup[] = [
    ...wanted.map((entry) => ({ ...describeBackup(entry, destination), error: null })),
    ...broken.map((entry) => describeDamaged(entry, destination)),
  ]
  return listed.slice(0, limit)
}

/** A date without a time means the whole day, UTC. */
function endOf(date: Date | string): number {
  const wholeDay = typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date)
  return new Date(date).getTime() + (wholeDay ? 24 * 60 * 60 * 1000 - 1 : 0)
}
