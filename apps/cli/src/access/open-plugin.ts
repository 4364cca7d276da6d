import { BackupPlugin } from '@s3db-backup/plugin'
import type { Database } from '@s3db-backup/s3db'
import type { Settings } from '../config/settings.js'

/** The plugin with the drivers that the settings name; with a database, if the command has to do with one. */
export function openPlugin(settings: Pick<Settings, 'plugin'>, database?: Database): BackupPlugin {
  return new BackupPlugin(database === undefined ? settings.plugin : { ...settings.plugin, database })
}
