// A worker: node worker.mjs <redis> <prefix> <folder> <records>. Runs until it is killed.
import { commitBackup, runShard } from '@s3db-backup/core'
import { shardWorker } from '../../dist/index.js'
import { surroundings } from './surroundings.mjs'
import { syntheticSource } from './synthetic-source.mjs'

const { redis, prefix, driver, records, encryption } = surroundings
const source = syntheticSource(records, 20)
shardWorker({
  redis,
  prefix,
  stalledAfter: 1000,
  run: (id, index, signal) => runShard({ id, index, driver, source, encryption, signal }),
  commit: (id, signal) => commitBackup({ id, driver, source, encryption, signal }),
})
console.log('ready')
