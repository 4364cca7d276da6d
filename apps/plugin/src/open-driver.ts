import { BackupError, type Driver } from '@s3db-backup/core'
import { DatabasePlugin } from '@s3db-backup/plugin-adapter'
import { destinationOf } from './destination.js'
import type { AnyDriver, PluginOptions } from './plugin-options.js'

/**
 * The driver that a plugin with these options would use, without a database: to check a storage, or to copy what is
 * in it. Core guards it as it guards every driver. Whoever opens it closes it.
 *
 * @throws BackupError `invalid_options`.
 *
 * @example
 * ```ts
 * import { openCatalog } from '@s3db-backup/core'
 * import { openDriver } from '@s3db-backup/plugin'
 *
 * const driver = openDriver({ driver: 'filesystem', config: { path: './backups' } })
 * const catalog = openCatalog(driver)
 * ```
 */
export function openDriver<D extends AnyDriver = 'filesystem'>(options: PluginOptions<D>): Driver {
  const opened: Driver[] = []
  // Uses the plugin's own constructor, so that it refuses the same options with the same messages.
  new DatabasePlugin(options, {
    destination(config, _database, onWarning) {
      const destination = destinationOf(config, () => undefined, onWarning)
      opened.push(destination.driver)
      return destination
    },
  })
  const [driver] = opened
  if (driver === undefined) throw new BackupError('internal', 'No driver was made')
  return driver
}
