import { BackupError } from '@s3db-backup/core'
import type { Command } from 'commander'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { checkConnection } from '../config/connection.js'
import { length, type PlaceOptions, wholeNumber, withConnection, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { tellOfSchedule } from '../notify/follow-schedule.js'
import { openNotifier } from '../notify/open-notifier.js'
import { drillsOf, follow, newest, verifies } from '../schedule/follow.js'
import { watchHealth } from '../schedule/health.js'
import { logEvents } from '../schedule/log.js'
import { serveHealth } from '../schedule/server.js'
import type { Session } from '../session.js'

interface ScheduleOptions extends PlaceOptions {
  readonly connection?: string | undefined
  readonly port?: number | undefined
  readonly host: string
  /** In ms. */
  readonly grace?: number | undefined
  /** In ms. */
  readonly maxAge?: number | undefined
}

const examples = `
The schedule stands in the configuration file:
  { "schedule": { "daily": "0 2 * * *", "drill": "0 4 * * 0" } }
  { "schedule": [{ "name": "hourly", "cron": "0 * * * *", "type": "incremental",
                   "timezone": "Europe/Berlin" }] }

A drill restores the newest backup into a database of its own and compares every
record; its report is kept below reports/ at the destination.

/healthz answers 200, or 503 if the last backup or drill failed, a backup is
overdue or the newest is older than --max-age. /metrics is for Prometheus.
Ctrl-C or SIGTERM waits for the backup under way; a second one does not.

Examples:
  s3db-backup schedule --port 9090
  s3db-backup schedule --port 9090 --max-age 26h --json`

export function scheduleCommand(command: Command, session: Session): void {
  withPlace(withConnection(command, 'the database'))
    .option('--port <n>', 'serve /healthz and /metrics there; 0 for any free port', wholeNumber)
    .option('--host <address>', 'on this address only', '127.0.0.1')
    .option(
      '--grace <length>',
      'how late a backup may finish before it counts as overdue (default: 1h)',
      length,
    )
    .option('--max-age <length>', 'how old the newest backup may be: 90s, 45min, 26h, 7d', length)
    .addHelpText('after', examples)
    .action((options: ScheduleOptions) => schedule(session, options))
}

/** How long after its time a backup is overdue, in ms. */
const defaultGrace = 60 * 60 * 1000

/** How often it is looked whether a backup was due, in ms. The timer also keeps the process alive. */
const lookEvery = 10_000

/**
 * `s3db-backup schedule`: makes the backups and drills of the configuration's schedule until it is stopped. The first signal
 * waits for the backup under way; being stopped is its proper end, so it exits with 0.
 */
export async function schedule(session: Session, options: ScheduleOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  if (openPlugin(settings).nextRuns().length === 0) throw noSchedule()
  const opened = await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, opened.database)
    const { grace = defaultGrace, maxAge, port, host } = options
    const known = { lastSuccess: await newest(plugin, signal), drills: await drillsOf(plugin, signal) }
    const watch = watchHealth(() => plugin.nextRuns(), { grace, maxAge, strict: session.strict }, known)
    const look = () => watch.look(Date.now())
    const log = logEvents(plugin, terminal)
    follow(plugin, watch)
    const notifier = await openNotifier(settings, terminal)
    if (notifier !== undefined)
      tellOfSchedule(plugin, notifier, {
        strict: session.strict === true,
        stopping: () => signal.aborted,
        verifies: (names) => verifies(plugin, names),
      })
    const server =
      port === undefined ? undefined : await serveHealth(look, { port, host, redactor: terminal.redactor })
    const timer = setInterval(look, lookEvery)
    try {
      if (server !== undefined) log('listening', { url: server.url })
      const announceNext = () => {
        const [next] = plugin.nextRuns()
        if (next !== undefined) log('waiting', { schedule: [next.name], at: next.at.toISOString() })
      }
      for (const end of ['complete', 'drill', 'drill-error'] as const)
        plugin.on(`plg:backup:${end}`, announceNext)
      announceNext()
      await plugin.start()
      await stopped(signal)
      await plugin.stop()
      await notifier?.settled()
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

function noSchedule(): BackupError {
  return new BackupError('invalid_options', 'There is no schedule to follow', {
    operation: 'validateConfig',
    suggestion:
      'Give schedule in the configuration file, such as "schedule": { "daily": "0 2 * * *" }, or [{ "name", "cron", "type" }].',
  })
}
