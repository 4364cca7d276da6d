// A worker: node worker.mjs <redis> <prefix> <folder> <records>. Runs until it is killed.
import { commitBackup, runShard } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { shardWorker } from '../../dist/index.js'
import { syntheticSource } from './synthetic-source.mjs'

const [redis, prefix, path, records] = process.argv.slice(2)
const driver = filesystem({ path })
const source = syntheticSource(Number(records), 20)
shardWorker({
  redis,
  prefix,
  stalledAfter: 1000,
  run: (id, index, signal) => runShard({ id, index, driver, source, signal }),
  commit: (id, signal) => commitBackup({ id, driver, source, signal }),
})
console.log('ready')
