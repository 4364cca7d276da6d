import { BackupPlugin } from '@s3db-backup/plugin'
import type { Database } from '@s3db-backup/s3db'
import * as z from 'zod'
import type { Settings } from '../config/settings.js'
import type { Terminal } from '../terminal/terminal.js'

/** The plugin with the drivers that the settings name; with a database, if the command has to do with one. */
export function openPlugin(settings: Pick<Settings, 'plugin'>, database?: Database): BackupPlugin {
  return new BackupPlugin(database === undefined ? settings.plugin : { ...settings.plugin, database })
}

const warningSchema = z.object({ message: z.string(), suggestion: z.string() })

/** Says what drivers warn of while a command runs. */
export function hearWarnings(plugin: BackupPlugin, terminal: Terminal): void {
  plugin.on('plg:backup:warning', (warning: unknown) => terminal.warn(warningSchema.parse(warning)))
}
