import type { Driver } from '@s3db-backup/core'
import type { FilesystemOptions } from '@s3db-backup/driver-filesystem'
import type { S3Options } from '@s3db-backup/driver-s3'
import type { EncryptionConfig } from '@s3db-backup/encryption'
import type { CommonOptions } from '@s3db-backup/plugin-adapter'

/** `config` of the `filesystem` driver. */
export interface FilesystemConfig extends Omit<FilesystemOptions, 'path'> {
  /** A directory, which may end in a template: `./backups/{date}/`. Relative paths start at the cwd. Default `./backups`. */
  readonly path?: string | undefined
}

/** `config` of the `s3` driver. Settings to reach the bucket come from the database if they are not given. */
export interface S3Config extends Omit<S3Options, 'bucket' | 'prefix'> {
  /** Default: the database's own bucket. */
  readonly bucket?: string | undefined
  /** Where in the bucket; may end in a template: `backups/{date}/`. Default: at the top. */
  readonly path?: string | undefined
  /** Another name of `path`. */
  readonly prefix?: string | undefined
}

/** `config` of the `multi` driver: several destinations. */
export interface MultiConfig {
  /**
   * A backup must arrive at `all` destinations (the default), at `any`, or at the first that accepts it: `priority`.
   */
  readonly strategy?: 'all' | 'any' | 'priority' | undefined
  /** How many destinations are written to at once: 1 to 64. */
  readonly concurrency?: number | undefined
  /** The destinations, each with its own path. */
  readonly drivers?: readonly MultiDestination[] | undefined
  /** The older name of `drivers`. */
  readonly destinations?: readonly MultiDestination[] | undefined
}

/** One destination of several. */
export interface MultiDestination {
  /** What reports call it. Default: made from its driver. */
  readonly name?: string | undefined
  /** The name of a driver, or a driver. */
  readonly driver: DriverName | Driver
  /** The driver's own options. */
  readonly config?: object | Readonly<Record<string, unknown>> | undefined
}

/** The drivers that come with the plugin, and the options of each. */
interface DriverConfigs {
  readonly filesystem: FilesystemConfig
  readonly s3: S3Config
  readonly multi: MultiConfig
}

/** A driver that comes with the plugin, or the name of a package or the path of a module that makes one. */
export type DriverName = keyof DriverConfigs | (string & {})

/** Whatever `driver` can be. A subclass that takes every driver extends `BackupPlugin<AnyDriver>`. */
export type AnyDriver = DriverName | Driver

/** The options of a driver: known for those that come with the plugin, for others whatever they take. */
export type ConfigOf<D> = D extends keyof DriverConfigs
  ? DriverConfigs[D]
  : object | Readonly<Record<string, unknown>>

/** What `new BackupPlugin(options)` takes. `D` is the driver, which says what `config` may hold. */
export interface PluginOptions<D extends AnyDriver = AnyDriver> extends CommonOptions {
  /**
   * `'filesystem'` (the default), `'s3'`, `'multi'`, a driver itself, or the name of a package or the path of a module
   * that makes one.
   */
  readonly driver?: D | undefined
  /** The driver's options. `compression` and `retention` may stand here, too. */
  readonly config?: (ConfigOf<D> & Pick<CommonOptions, 'compression' | 'retention'>) | undefined
  /**
   * `{ algorithm: 'AES-256-GCM', key }`. Backups that are not encrypted are then refused. Nothing is encrypted if left
   * out or `null`.
   */
  readonly encryption?: EncryptionConfig | null | undefined
}
