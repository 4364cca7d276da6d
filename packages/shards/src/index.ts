export {
  abortBackup,
  commitBackup,
  type PlannedBackup,
  type PlanOptions,
  type PlanReference,
  planBackup,
  type RunShardOptions,
  runShard,
  type ShardOptions,
  type ShardResult,
  type ShardStatus,
  shardStatus,
} from '@s3db-backup/core'
export { shardIndex } from './shard-index.js'
export { isWorthRetrying } from './worth-retrying.js'
