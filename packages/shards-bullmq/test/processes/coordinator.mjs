// A coordinator: node coordinator.mjs <redis> <prefix> <folder> <records> <id>. Plans, queues, and ends when the
// backup is committed.
import { planBackup } from '@s3db-backup/core'
import { shardQueue } from '../../dist/index.js'
import { surroundings } from './surroundings.mjs'
import { syntheticSource } from './synthetic-source.mjs'

const { redis, prefix, driver, records, encryption, more } = surroundings
const [id] = more
// From here on it may be killed at any time.
console.log('ready')
const { shards } = await planBackup({
  driver,
  encryption,
  source: syntheticSource(records, 0),
  shards: 6,
  id,
})
const queue = shardQueue({ redis, prefix })
await queue.add(id, shards, { attempts: 50, backoff: 50 })
await queue.finished(id)
await queue.close()
