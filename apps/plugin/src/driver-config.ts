import type { PluginConfig } from '@s3db-backup/plugin-adapter'
import type { Database } from '@s3db-backup/s3db'

/** The database that a plugin is installed in, once it is: drivers may take their defaults from it. */
export type FromDatabase = () => Database | undefined

/** A driver's own options, not yet checked. */
export type DriverConfig = PluginConfig['config']
