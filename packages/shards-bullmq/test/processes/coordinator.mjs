// A coordinator: node coordinator.mjs <redis> <prefix> <folder> <records> <id>. Plans, queues, and ends when it is committed.
import { planBackup } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { shardQueue } from '../../dist/index.js'
import { syntheticSource } from './synthetic-source.mjs'

const [redis, prefix, path, records, id] = process.argv.slice(2)
// From here on it may be killed in the middle of something.
console.log('ready')
const { shards } = await planBackup({
  driver: filesystem({ path }),
  source: syntheticSource(Number(records), 0),
  shards: 6,
  id,
})
const queue = shardQueue({ redis, prefix })
await queue.add(id, shards, { attempts: 50, backoff: 50 })
await queue.finished(id)
await queue.close()
