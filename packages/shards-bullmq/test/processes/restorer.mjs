// Writes a shard of a restore: node restorer.mjs <redis> <prefix> <folder> <records> <restore> <index> <target>.
import { restoreShard } from '@s3db-backup/core'
import { folderTarget } from './folder-target.mjs'
import { surroundings } from './surroundings.mjs'

const { driver, encryption, more } = surroundings
const [restore, index, path] = more
// From here on it may be killed at any time.
console.log('ready')
await restoreShard({
  restore,
  index: Number(index),
  driver,
  encryption,
  target: folderTarget(path, 20),
})
