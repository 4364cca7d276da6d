import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import type { ScheduleCommand } from '../config/command-options.js'
import { checkConnection } from '../config/connection.js'
import { readSettings } from '../config/settings.js'
import { type DrillResult, type HealthWatch, type Success, watchHealth } from '../schedule/health.js'
import { logEvents, messageOf } from '../schedule/log.js'
import { serveHealth } from '../schedule/server.js'
import type { Session } from '../session.js'

/** How long after its time a backup is overdue, in ms. */
const defaultGrace = 60 * 60 * 1000

/** How often it is looked whether a backup was due, in ms. The timer also keeps the process alive. */
const lookEvery = 10_000

/**
 * `s3db-backup schedule`: makes the backups and drills of the configuration's schedule until it is stopped. The first signal
 * waits for the backup under way; being stopped is its proper end, so it exits with 0.
 */
export async function schedule(session: Session, options: ScheduleCommand): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  if (openPlugin(settings).nextRuns().length === 0) throw noSchedule()
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const { grace = defaultGrace, maxAge, port, host } = options
    const known = { lastSuccess: await newest(plugin, signal), drills: await drillsOf(plugin, signal) }
    const watch = watchHealth(() => plugin.nextRuns(), { grace, maxAge }, known)
    const look = () => watch.look(Date.now())
    const log = logEvents(plugin, terminal)
    follow(plugin, watch)
    const server =
      port === undefined ? undefined : await serveHealth(look, { port, host, redactor: terminal.redactor })
    const timer = setInterval(look, lookEvery)
    try {
      if (server !== undefined) log('listening', { url: server.url })
      const announceNext = () => {
        const [next] = plugin.nextRuns()
        if (next !== undefined) log('waiting', { schedule: [next.name], at: next.at.toISOString() })
      }
      for (const end of ['complete', 'drill', 'drill-error']) plugin.on(`plg:backup:${end}`, announceNext)
      announceNext()
      await plugin.start()
      await stopped(signal)
      await plugin.stop()
      log('stopped')
    } finally {
      clearInterval(timer)
      await server?.close()
    }
  } finally {
    await opened.close()
  }
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What the destination knows of, so that a restart does not forget it. */
async function newest(plugin: BackupPlugin, signal: AbortSignal): Promise<Success | undefined> {
  const backups = await plugin.listBackups({ signal })
  const complete = backups.find(({ status }) => status === 'completed')
  return complete === undefined || complete.status === 'damaged' ? undefined : asSuccess(complete, undefined)
}

/** The drills whose reports are at the destination, newest first. */
async function drillsOf(plugin: BackupPlugin, signal: AbortSignal): Promise<DrillResult[]> {
  const kept = await plugin.drills({ signal })
  return kept.map(({ startedAt, ok }) => ({ at: Date.parse(startedAt), ok }))
}

function asSuccess(
  { id, timestamp, duration, compressed, records }: Made,
  verified: boolean | undefined,
): Success {
  return { id, at: Date.parse(timestamp) + duration, bytes: compressed, records, duration, verified }
}

type Made = Pick<PluginBackup, 'id' | 'timestamp' | 'duration' | 'compressed' | 'records'>

const madeSchema = z.looseObject({
  id: z.string(),
  timestamp: z.string(),
  duration: z.number(),
  compressed: z.number(),
  records: z.number(),
  metadata: z.looseObject({}),
})

const drillSchema = z.looseObject({ startedAt: z.string(), ok: z.boolean() })

function follow(plugin: BackupPlugin, watch: HealthWatch): void {
  plugin.on('plg:backup:start', () => watch.began())
  plugin.on('plg:backup:cancelled', () => watch.stopped())
  plugin.on('plg:backup:complete', (payload: unknown) => {
    const made = madeSchema.parse(payload)
    watch.succeeded(asSuccess(made, verifies(plugin, made.metadata.schedule)))
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
function verifies({ config }: BackupPlugin, name: unknown): boolean {
  const entries = Array.isArray(config.schedule) ? config.schedule : []
  const names: readonly unknown[] = Array.isArray(name) ? name : [name]
  return entries.find((entry) => names.includes(entry.name))?.verification ?? config.verification
}

function noSchedule(): BackupError {
  return new BackupError('invalid_options', 'There is no schedule to follow', {
    operation: 'validateConfig',
    suggestion:
      'Give schedule in the configuration file, such as "schedule": { "daily": "0 2 * * *" }, or [{ "name", "cron", "type" }].',
  })
}
