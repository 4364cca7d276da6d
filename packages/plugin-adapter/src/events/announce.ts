import type { Database } from '@s3db-backup/s3db'
import type { PluginConfig } from '../options/plugin-options.js'
import { type BackupEventName, type BackupEvents, olderNames } from './backup-events.js'
import type { Logger } from './logger.js'

const olderNameOf: Readonly<Partial<Record<BackupEventName, string>>> = olderNames

/** Tells listeners of the plugin and of the database. */
export type Announce = <Name extends BackupEventName>(event: Name, payload: BackupEvents[Name]) => void

/** The receivers of events: listeners, and the log once there is one. */
export interface Reporting {
  readonly announce: Announce
  logger(): Logger | undefined
}

/** What events are sent with, whatever it says of their names. */
interface Emitter {
  emit(event: string, payload: unknown): unknown
}

/**
 * Sends events to the plugin's own listeners and to the database's. A listener that throws is reported to the logger
 * and never breaks the work.
 */
export function announcer(
  plugin: Emitter,
  database: () => Database | undefined,
  logger: () => Logger | undefined,
): Announce {
  const tell = (emitter: Emitter | undefined, event: string, payload: unknown) => {
    try {
      emitter?.emit(event, payload)
    } catch (error) {
      logger()?.warn({ error, event }, 'a listener of a backup event failed')
    }
  }
  return (event, payload) => {
    tell(plugin, event, payload)
    tell(database(), event, payload)
    const older = olderNameOf[event]
    if (older !== undefined) tell(plugin, older, payload)
  }
}

/** The log line of an event, and its level. Failures are warnings at every level. */
const lines: Readonly<Partial<Record<BackupEventName, readonly ['debug' | 'info' | 'warn', string]>>> = {
  'plg:backup:start': ['info', 'backup started'],
  'plg:backup:progress': ['debug', 'backup under way'],
  'plg:backup:complete': ['info', 'backup complete'],
  'plg:backup:cancelled': ['warn', 'backup cancelled'],
  'plg:backup:error': ['warn', 'backup failed'],
  'plg:backup:warning': ['warn', 'the storage does not behave as expected'],
  'plg:backup:cleanup': ['info', 'old backups removed'],
  'plg:backup:restore-start': ['info', 'restore started'],
  'plg:backup:restore-progress': ['debug', 'restore under way'],
  'plg:backup:restore-complete': ['info', 'restore complete'],
  'plg:backup:restore-error': ['warn', 'restore failed'],
}

/**
 * Writes events to the log that s3db.js gives to its plugins, if `verbose` or `logLevel` asks for it: `true` and
 * `'debug'` for everything, `'info'` without the progress, `'warn'` for failures alone.
 */
export function logEvents(
  config: Pick<PluginConfig, 'verbose' | 'logLevel'>,
  logger: () => Logger | undefined,
): Announce {
  const level = levelOf(config)
  if (level === undefined) return () => undefined
  let made: { readonly parent: Logger; readonly logger: Logger } | undefined
  const ours = (): Logger | undefined => {
    const parent = logger()
    if (parent === undefined) return undefined
    // A logger with its own level: the database's may log less than the plugin was asked to.
    if (made?.parent !== parent) made = { parent, logger: parent.child?.({}, { level }) ?? parent }
    return made.logger
  }
  return (event, payload) => {
    const [name, message] = lines[event] ?? []
    if (name !== undefined && message !== undefined) ours()?.[name](payload, message)
  }
}

/** `undefined` if no log was requested. */
export function levelOf({
  verbose,
  logLevel,
}: Pick<PluginConfig, 'verbose' | 'logLevel'>): string | undefined {
  if (typeof logLevel === 'string') return logLevel
  return logLevel === true || verbose === true ? 'debug' : undefined
}
