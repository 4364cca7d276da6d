import type { PartitionOptions, PlaceOptions, ProgressMode } from '../../config/options.js'

/** The common options of all `shard` actions. */
export interface ShardOptions extends PlaceOptions {
  readonly connection?: string | undefined
  readonly shards?: number | undefined
  readonly index?: string | undefined
  readonly type?: string | undefined
  readonly id?: string | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
  readonly partition?: PartitionOptions | undefined
  readonly compression?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly since?: string | undefined
  readonly fullIfNeeded?: boolean | undefined
  readonly maxChain?: number | undefined
  readonly redis?: string | undefined
  readonly prefix?: string | undefined
  readonly mode?: 'skip' | 'merge' | 'replace' | undefined
  readonly yes?: boolean | undefined
  readonly verify: boolean
  readonly progress: ProgressMode
}
