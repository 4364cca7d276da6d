import { BackupError, type Driver } from '@s3db-backup/core'

/** The export of a driver's package. */
export type DriverFactory = (options: Readonly<Record<string, unknown>>) => unknown

const methods = ['put', 'get', 'list', 'delete'] as const

/** The one function that a module exports: its default export, or else the only function there is. */
export function factoryOf(exported: unknown, name: string): DriverFactory {
  if (isFactory(exported)) return exported
  const members = typeof exported === 'object' && exported !== null ? Object.entries(exported) : []
  const named = new Map<string, unknown>(members.filter(([key]) => key !== '__esModule'))
  const preferred = named.get('default')
  if (isFactory(preferred)) return preferred
  const [only, ...others] = [...named.values()].filter(isFactory)
  if (only !== undefined && others.length === 0 && preferred === undefined) return only
  throw wrong(
    name,
    `The driver ${name} must export one function, (options) => driver, as its default or only function; it exports ${describe(named)}`,
  )
}

/** The result of a factory, if it is a driver. */
export function checkShape(made: unknown, name: string): Driver {
  if (isDriver(made)) return made
  if (typeof made === 'object' && made !== null && 'then' in made)
    throw wrong(
      name,
      `The function of ${name} must return a driver at once, not a promise of one; it can connect in its first call`,
    )
  const lacking = ['name', ...methods].filter((member) => !has(made, member))
  throw wrong(
    name,
    `The function of ${name} must return a driver with name, put, get, list and delete; ${what(made)} ${lacking.length === 5 ? 'is none' : `lacks ${lacking.join(', ')}`}`,
  )
}

function isDriver(made: unknown): made is Driver {
  return ['name', ...methods].every((member) => has(made, member))
}

function has(made: unknown, member: string): boolean {
  if (typeof made !== 'object' || made === null) return false
  const value: unknown = Reflect.get(made, member)
  return member === 'name' ? typeof value === 'string' && value !== '' : typeof value === 'function'
}

function isFactory(value: unknown): value is DriverFactory {
  return typeof value === 'function'
}

function describe(members: ReadonlyMap<string, unknown>): string {
  if (members.size === 0) return 'nothing'
  return [...members].map(([key, value]) => `${key} (${what(value)})`).join(', ')
}

function what(value: unknown): string {
  if (isDriver(value)) return 'a driver itself'
  if (value === null) return 'null'
  if (typeof value === 'undefined') return 'undefined'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function wrong(name: string, message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'validateConfig',
    suggestion: 'If the driver is your own, see docs/guides/write-a-driver.md; otherwise ask its author.',
    metadata: { driver: name },
  })
}
