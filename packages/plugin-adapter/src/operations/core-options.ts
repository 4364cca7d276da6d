import type { BackupOptions, Codec, Source } from '@s3db-backup/core'
import type { PluginContext, Storage } from '../context/plugin-context.js'
import { type CheckedCall, incrementalOf } from '../options/backup-call.js'
import { encrypting } from '../options/encryption.js'
import { partitionFilter } from '../options/partition-filter.js'

/** The settings of one of the plugin's backups. */
export interface CoreCall {
  readonly type: string
  readonly call: CheckedCall
  readonly selection: { readonly resources?: string[] | undefined; readonly exclude: string[] }
  /** Nothing for none. */
  readonly codec: Codec | undefined
  readonly source: Source
  readonly signal: AbortSignal
}

/** The options of core's `backup` and `planBackup` for a call of the plugin, but for the driver and the id. */
export async function coreOptions(
  context: Storage & Pick<PluginContext, 'config'>,
  { type, call, selection, codec, source, signal }: CoreCall,
): Promise<Omit<BackupOptions, 'driver'>> {
  const { config, destination } = context
  const filter = await filterOf({ call, selection, source, signal })
  return {
    type,
    source,
    folder: destination.folder,
    codecs: codec === undefined ? [] : [codec],
    concurrency: config.concurrency,
    ...encrypting(context),
    verify: call.verification ?? config.verification,
    ...selection,
    ...(type === 'incremental' && call.since !== null ? { incremental: incrementalOf(call) } : {}),
    ...(filter === undefined ? {} : { filter }),
    ...(call.metadata === undefined ? {} : { metadata: call.metadata }),
    signal,
  }
}

/** The requested filter of partitions. */
export async function filterOf({
  call,
  selection,
  source,
  signal,
}: Pick<CoreCall, 'selection' | 'source' | 'signal'> & {
  readonly call: Pick<CheckedCall, 'partitions'>
}): Promise<BackupOptions['filter']> {
  if (call.partitions === undefined) return undefined
  return partitionFilter(call.partitions, (await source.describe({ signal })).resources, selection, 'backup')
}
