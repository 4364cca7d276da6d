export {
  type BackupEventName,
  type BackupEvents,
  formatDrillReport,
  verifyDrillReport,
} from '@s3db-backup/plugin-adapter'
export { BackupPlugin, type QueryOptions } from './backup-plugin.js'
export { openDriver } from './open-driver.js'
export type {
  AnyDriver,
  ConfigOf,
  DriverName,
  FilesystemConfig,
  MultiConfig,
  MultiDestination,
  PluginOptions,
  S3Config,
} from './plugin-options.js'
