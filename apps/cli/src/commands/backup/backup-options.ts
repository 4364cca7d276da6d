import type { BackupCall } from '@s3db-backup/plugin-adapter'
import type { PartitionOptions, PlaceOptions, ProgressMode } from '../../config/options.js'
import type { Settings } from '../../config/settings.js'

/** The options of `s3db-backup backup`, as typed. */
export interface BackupOptions extends PlaceOptions {
  readonly connection?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly compression?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly partition?: PartitionOptions
  readonly since?: string | undefined
  readonly fullIfNeeded?: boolean
  /** False with `--no-full`. */
  readonly full: boolean
  /** The name with `--type`. */
  readonly type?: string
  readonly maxChain?: number
  readonly at?: string
  readonly snapshot?: 'auto' | 'versions' | 'none'
  readonly dryRun?: boolean
  readonly prices?: boolean
  readonly verify: boolean
  readonly progress: ProgressMode
}

/** The same as the plugin takes them. */
export function backupCall(
  options: Pick<BackupOptions, 'full' | 'verify'> & Partial<BackupOptions>,
  settings: Settings,
  signal: AbortSignal,
): BackupCall {
  const {
    resources,
    exclude,
    compression,
    metadata,
    verify,
    partition,
    since,
    fullIfNeeded,
    full,
    maxChain,
    at,
    snapshot,
  } = options
  return {
    signal,
    metadata: { ...settings.metadata, ...metadata },
    resources,
    exclude,
    partitions: partition,
    since,
    fullIfNeeded: full ? fullIfNeeded : false,
    maxChain,
    at,
    snapshot,
    // The plugin checks the name and suggests the nearest.
    compression: compression as BackupCall['compression'],
    verification: verify ? undefined : false,
  }
}
