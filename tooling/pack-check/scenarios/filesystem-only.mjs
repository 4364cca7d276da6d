// installed by: npm pnpm yarn
// Backups in a folder load no AWS SDK; asking for S3 without it names the package to install.
import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'

const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})

const { BackupPlugin } = await import('@s3db-backup/plugin')
const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: './backups' } })
assert.deepEqual(await plugin.listBackups(), [])
const aws = loaded.filter((url) => /@aws-(sdk|crypto)|@smithy/.test(url))
assert.deepEqual(aws, [], 'a plugin with the filesystem driver loads the AWS SDK')

const s3 = new BackupPlugin({ driver: 's3', config: { bucket: 'b', endpoint: 'http://127.0.0.1:9' } })
await assert.rejects(s3.listBackups(), (error) => {
  assert.match(error.message, /@aws-sdk\/client-s3/)
  assert.match(error.suggestion, /npm install @aws-sdk\/client-s3/)
  return true
})
console.log(`loaded ${loaded.length} modules, none of an AWS SDK`)
