// A worker of a backup in shards: node shard-worker.mjs <connection> <folder> <records in flight>. Connects, and then
// runs the shard that each line of its input names: <id> <index>. Answers with the processor time in ms.
import { createInterface } from 'node:readline'
import { core, databaseSource, filesystem } from '../products.mjs'
import { openS3Address } from '../s3.mjs'

const [connection, path, inFlight] = process.argv.slice(2)
const database = await openS3Address(connection)
const driver = filesystem({ path })
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

say('ready')
for await (const line of createInterface(process.stdin)) {
  const [id, index] = line.split(' ')
  const source = databaseSource(database, { readsInFlight: Number(inFlight) })
  const used = process.cpuUsage()
  const { outcome } = await core.runShard({ id, index: Number(index), source, driver })
  const { user, system } = process.cpuUsage(used)
  say({ outcome, processor: (user + system) / 1000 })
}
process.exit(0)
