import { isBackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PluginBackup, UnreadBackup } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { BrokenChain, DrillResult, HealthWatch, Success } from './health.js'
import { messageOf } from './log.js'

/** The backups at the destination, so that a restart does not forget them, and which of them cannot be restored. */
export async function storedBackups(
  plugin: BackupPlugin,
  signal: AbortSignal,
): Promise<{ readonly newest: Success | undefined; readonly broken: readonly BrokenChain[] }> {
  const backups = await plugin.listBackups({ signal })
  // A backup of an earlier moment that was made just now says nothing of the present.
  const [newest] = backups
    .flatMap((backup) =>
      backup.status === 'completed' && backup.datedAhead !== true && backup.lacks === undefined
        ? [{ ...backup, timestamp: backup.asOf ?? backup.timestamp }]
        : [],
    )
    .sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
  return {
    newest: newest === undefined ? undefined : asSuccess(newest, undefined),
    broken: backups.flatMap((backup) =>
      backup.status !== 'damaged' && backup.lacks !== undefined
        ? [{ id: backup.id, lacks: backup.lacks }]
        : [],
    ),
  }
}

/** Looks after each backup, too. Where the destination does not answer, what was known stays. */
export function followBroken(
  plugin: BackupPlugin,
  signal: AbortSignal,
  tell: (broken: readonly BrokenChain[]) => void,
): void {
  plugin.on('plg:backup:complete', async () => {
    try {
      tell((await storedBackups(plugin, signal)).broken)
    } catch (error) {
      if (!isBackupError(error) && !signal.aborted) throw error
    }
  })
}

/** Asks the bucket of the database how far back its versions reach, now and after each backup. */
export async function followWindow(
  plugin: BackupPlugin,
  signal: AbortSignal,
  tell: (since: number | undefined) => void,
): Promise<void> {
  const look = async () => {
    try {
      tell((await plugin.past.window({ signal })).from?.getTime())
    } catch (error) {
      // A database outside S3 has no versions. If the bucket does not answer, the last known value stays.
      if (!isBackupError(error) && !signal.aborted) throw error
    }
  }
  plugin.on('plg:backup:complete', look)
  await look()
}

/** The drills whose reports are at the destination, newest first. */
export async function drillsOf(plugin: BackupPlugin, signal: AbortSignal): Promise<DrillResult[]> {
  const kept = await plugin.drills.list({ signal })
  return kept.map(({ startedAt, ok }) => ({ at: Date.parse(startedAt), ok }))
}

function asSuccess(
  { id, timestamp, duration, compressed, records }: Made,
  verified: boolean | undefined,
): Success {
  return { id, at: Date.parse(timestamp) + duration, bytes: compressed, records, duration, verified }
}

type Made = Pick<PluginBackup | UnreadBackup, 'id' | 'timestamp' | 'duration' | 'compressed' | 'records'>

const madeSchema = z.looseObject({
  id: z.string(),
  timestamp: z.string(),
  duration: z.number(),
  compressed: z.number(),
  records: z.number(),
  metadata: z.looseObject({}),
  warnings: z.array(z.looseObject({ message: z.string() })).optional(),
})

const drillSchema = z.looseObject({ startedAt: z.string(), ok: z.boolean() })

export function follow(plugin: BackupPlugin, watch: HealthWatch): void {
  plugin.on('plg:backup:start', () => watch.began())
  plugin.on('plg:backup:cancelled', () => watch.stopped())
  plugin.on('plg:backup:complete', (payload: unknown) => {
    const made = madeSchema.parse(payload)
    watch.succeeded(asSuccess(made, verifies(plugin, made.metadata.schedule)))
    for (const { message } of made.warnings ?? []) watch.warned(message)
  })
  plugin.on('plg:backup:cleanup-error', (payload: unknown) => {
    const { error } = z.looseObject({}).parse(payload)
    watch.warned(`old backups could not be removed: ${messageOf(error)}`)
  })
  plugin.on('plg:backup:drill', (payload: unknown) => {
    const { startedAt, ok } = drillSchema.parse(payload)
    watch.drilled({ at: Date.parse(startedAt), ok })
  })
  plugin.on('plg:backup:drill-error', () => watch.drilled({ at: Date.now(), ok: false }))
  plugin.on('plg:backup:schedule-error', (payload: unknown) => {
    watch.failed({ at: Date.now(), message: messageOf(z.looseObject({}).parse(payload).error) })
  })
}

/** Whether the plugin reads back what it makes for an entry of the schedule. */
export function verifies({ config }: BackupPlugin, name: unknown): boolean {
  const entries = Array.isArray(config.schedule) ? config.schedule : []
  const names: readonly unknown[] = Array.isArray(name) ? name : [name]
  return entries.find((entry) => names.includes(entry.name))?.verification ?? config.verification
}
