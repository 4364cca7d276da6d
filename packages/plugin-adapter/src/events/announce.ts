import type { EventEmitter } from 'node:events'
import type { Database } from '@s3db-backup/s3db'

/** Documented events and, for those who wrote against the older document, their older names. */
const olderNames: Readonly<Record<string, string>> = {
  'plg:backup:start': 'backup_start',
  'plg:backup:complete': 'backup_complete',
  'plg:backup:error': 'backup_error',
  'plg:backup:restore-complete': 'restore_complete',
}

/** Tells listeners of the plugin and of the database. */
export type Announce = (event: string, payload: Readonly<Record<string, unknown>>) => void

/** A logger as s3db.js hands it to its plugins (pino). */
export interface Logger {
  debug(details: unknown, message: string): void
  info(details: unknown, message: string): void
  warn(details: unknown, message: string): void
  error(details: unknown, message: string): void
  /** A logger that writes to the same place at a level of its own. */
  child?(bindings: Readonly<Record<string, unknown>>, options: { readonly level: string }): Logger
}

/** The logger that s3db.js sets on a plugin that it is given; none before that. */
export function loggerOf(plugin: object): Logger | undefined {
  const logger: unknown = Reflect.get(plugin, 'logger')
  return isLogger(logger) ? logger : undefined
}

function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false
  return ['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(value, level) === 'function')
}

/**
 * Sends events to the plugin's own listeners and to the database's. A listener that throws is reported to the
 * logger and never breaks the work that it was told of.
 */
export function announcer(
  plugin: EventEmitter,
  database: () => Database | undefined,
  logger: () => Logger | undefined,
): Announce {
  const tell = (
    emitter: { emit(event: string, payload: unknown): unknown } | undefined,
    event: string,
    payload: unknown,
  ) => {
    try {
      emitter?.emit(event, payload)
    } catch (error) {
      logger()?.warn({ error, event }, 'a listener of a backup event failed')
    }
  }
  return (event, payload) => {
    tell(plugin, event, payload)
    tell(database(), event, payload)
    const older = olderNames[event]
    if (older !== undefined) tell(plugin, older, payload)
  }
}
