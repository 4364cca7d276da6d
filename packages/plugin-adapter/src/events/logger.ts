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

export function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false
  return ['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(value, level) === 'function')
}
