import type { PartitionOptions, PlaceOptions, ProgressMode } from '../../config/options.js'

/** What `shard` can be told, whatever it does. */
export interface ShardOptions extends PlaceOptions {
  readonly connection?: string
  readonly shards?: number
  readonly index?: string
  readonly type?: string
  readonly id?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly partition?: PartitionOptions
  readonly compression?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly since?: string
  readonly fullIfNeeded?: boolean
  readonly maxChain?: number
  readonly verify: boolean
  readonly progress: ProgressMode
}
