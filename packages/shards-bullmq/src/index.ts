export type { QueueOptions } from './connection.js'
export { type QueueProgress, type RetryOptions, type ShardQueue, shardQueue } from './shard-queue.js'
export { type JobEnd, type ShardWorker, type ShardWorkerOptions, shardWorker } from './shard-worker.js'
