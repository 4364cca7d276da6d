import { setTimeout as wait } from 'node:timers/promises'
import { BackupError } from '@s3db-backup/core'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { PageServer } from '@s3db-backup/ui'
import type { Command } from 'commander'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { checkConnection } from '../config/connection.js'
import { length, type PlaceOptions, wholeNumber, withConnection, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { stopped } from '../interrupts.js'
import { tellOfSchedule } from '../notify/follow-schedule.js'
import { openNotifier } from '../notify/open-notifier.js'
import { recentDeliveries } from '../notify/recent-deliveries.js'
import { drillsOf, follow, followBroken, followWindow, storedBackups, verifies } from '../schedule/follow.js'
import { watchHealth } from '../schedule/health.js'
import { type Log, logEvents } from '../schedule/log.js'
import { serveHealth } from '../schedule/server.js'
import type { Session } from '../session.js'
import { openPage, type PageOptions, tellCutOff, withPage } from './ui.js'

interface ScheduleOptions extends PlaceOptions, Omit<PageOptions, 'host'> {
  readonly connection?: string | undefined
  readonly port?: number | undefined
  readonly host: string
  /** The port of the page. */
  readonly ui?: number | undefined
  readonly uiHost: string
  /** In ms. */
  readonly grace?: number | undefined
  /** In ms. */
  readonly maxAge?: number | undefined
  /** In ms. */
  readonly stopTimeout?: number | undefined
}

const examples = `
The schedule is in the configuration file:
  { "schedule": { "daily": "0 2 * * *", "drill": "0 4 * * 0" } }
  { "schedule": [{ "name": "hourly", "cron": "0 * * * *", "type": "incremental",
                   "timezone": "Europe/Berlin" }] }

A drill restores the newest backup into a database of its own and compares every
record. It stores a report below reports/ at the destination.

/healthz answers 200, or 503 if the last backup or drill failed, a backup is
overdue or the newest is older than --max-age. /metrics is for Prometheus.
Ctrl-C or SIGTERM waits up to --stop-timeout for the running backup; a second
one does not wait. Choose less than your container's limit: 10s with Docker, 30s
with Kubernetes.

Examples:
  s3db-backup schedule --port 9090
  s3db-backup schedule --port 9090 --max-age 26h --json`

export function scheduleCommand(command: Command, session: Session): void {
  withPage(withPlace(withConnection(command, 'the database')))
    .option('--port <n>', 'serve /healthz and /metrics on this port; 0 for any free port', wholeNumber)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option(
      '--grace <length>',
      'how late a backup may finish before it counts as overdue (default: 1h)',
      length,
    )
    .option(
      '--stop-timeout <length>',
      'when stopped, wait this long for the running backup, then end it (default: no limit)',
      length,
    )
    .option('--ui <n>', 'also serve the page, on this port', wholeNumber)
    .option('--ui-host <address>', 'the address on which the page listens', '127.0.0.1')
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
    const { newest, broken } = await storedBackups(plugin, signal)
    const known = { lastSuccess: newest, broken, drills: await drillsOf(plugin, signal) }
    const watch = watchHealth(() => plugin.nextRuns(), { grace, maxAge, strict: session.strict }, known)
    const look = () => watch.look(Date.now())
    const log = logEvents(plugin, terminal)
    follow(plugin, watch)
    const told = new Set<string>()
    const tellBroken = (chains: typeof broken) => {
      watch.lacking(chains)
      for (const chain of chains.filter(({ id }) => !told.has(id))) {
        told.add(chain.id)
        log('broken-chain', { ...chain })
      }
    }
    tellBroken(broken)
    followBroken(plugin, signal, tellBroken)
    await followWindow(plugin, signal, (since) => watch.reaches(since))
    const deliveries = recentDeliveries()
    const notifier = await openNotifier(settings, terminal, deliveries.add)
    if (notifier !== undefined)
      tellOfSchedule(plugin, notifier, {
        strict: session.strict === true,
        stopping: () => signal.aborted,
        verifies: (names) => verifies(plugin, names),
      })
    const server =
      port === undefined ? undefined : await serveHealth(look, { port, host, redactor: terminal.redactor })
    const timer = setInterval(look, lookEvery)
    let page: PageServer | undefined
    try {
      if (options.ui !== undefined) checkWayIn(options, terminal)
      if (server !== undefined) log('listening', { url: server.url })
      if (options.ui !== undefined) {
        page = await openPage(session, plugin, {
          ...options,
          ...{ port: options.ui, host: options.uiHost, connection, following: true },
          ...(notifier === undefined ? {} : { notified: deliveries.lines }),
        })
        log('page', { url: page.url })
        // Logs are stored and read by others, so the link goes to the terminal only.
        if (!terminal.json) terminal.note(`Open it with ${page.link()}`)
        for (const warning of page.warnings) terminal.note(warning)
      }
      const announceNext = () => {
        const [next] = plugin.nextRuns()
        if (next !== undefined) log('waiting', { schedule: [next.name], at: next.at.toISOString() })
      }
      for (const end of ['complete', 'drill', 'drill-error'] as const)
        plugin.on(`plg:backup:${end}`, announceNext)
      announceNext()
      await plugin.start()
      await stopped(signal)
      await end({ plugin, log, page }, options.stopTimeout)
      await notifier?.settled()
      const cut = await page?.close()
      log('stopped')
      tellCutOff(session, cut ?? [])
    } finally {
      clearInterval(timer)
      await page?.close()
      await server?.close()
    }
  } finally {
    await opened.close()
  }
}

/** Without a terminal nobody sees a link, and a log must not contain it. */
function checkWayIn(
  { passwordFile, trustProxy }: ScheduleOptions,
  { json, watched }: Session['terminal'],
): void {
  if (passwordFile !== undefined || trustProxy !== undefined || (watched && !json)) return
  throw new BackupError('invalid_options', 'No terminal to print the link of the page on', {
    operation: 'validateConfig',
    suggestion: 'Give --password-file, or --trust-proxy, or run s3db-backup ui separately.',
  })
}

/** Waits for what is under way, for so long; then ends it, and waits until it has cleaned up. */
async function end(
  { plugin, log, page }: { plugin: BackupPlugin; log: Log; page: PageServer | undefined },
  timeout: number | undefined,
): Promise<void> {
  const underWay = [...plugin.activeBackups]
  log('stopping', { underWay, timeoutMs: timeout ?? null })
  const ended = plugin.stop()
  if (timeout === undefined) return ended
  const alarm = new AbortController()
  const late = wait(timeout, true, { signal: alarm.signal }).catch(() => false)
  if (await Promise.race([ended.then(() => false), late])) {
    log('aborting', { underWay: [...plugin.activeBackups] })
    // The page knows what it cuts off.
    await page?.close()
    await plugin.stop({ abort: true })
  }
  alarm.abort()
  await ended
}

function noSchedule(): BackupError {
  return new BackupError('invalid_options', 'No schedule is configured', {
    operation: 'validateConfig',
    suggestion:
      'Give schedule in the configuration file, such as "schedule": { "daily": "0 2 * * *" }, or [{ "name", "cron", "type" }].',
  })
}
