import type { StorageWarning } from '@s3db-backup/core'

/** Which plugin has which name in a database, for as long as it is there. */
const taken = new WeakMap<object, Map<string, object>>()

/**
 * Reserves a name in a database. A second plugin under the same name hides the first from `db.plugins`, and both run
 * their schedules, so it is reported.
 */
export function takeName(database: object, name: string, plugin: object): StorageWarning | undefined {
  const names = taken.get(database) ?? new Map<string, object>()
  taken.set(database, names)
  const before = names.get(name)
  names.set(name, plugin)
  if (before === undefined || before === plugin) return undefined
  return {
    code: 'name_taken',
    driver: 'plugin',
    message: `Another backup plugin was installed under the name '${name}', and goes on with its schedule`,
    suggestion: `Give each a name of its own, db.usePlugin(plugin, 'nightly'), or remove the first: db.uninstallPlugin('${name}').`,
    metadata: { name },
  }
}

export function leaveName(database: object, name: string, plugin: object): void {
  const names = taken.get(database)
  if (names?.get(name) === plugin) names.delete(name)
}

/** As s3db.js has it: small letters, digits and single hyphens; nothing of a text without any. */
export function normalizedName(text: string): string | undefined {
  const name = text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return name === '' ? undefined : name
}
