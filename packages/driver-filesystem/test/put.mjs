// A process that puts one object: `put.mjs <root> <key> <bytes> [<ms between chunks>]`. Prints the outcome as JSON.
import { setTimeout } from 'node:timers/promises'
import { guard } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'

const [path, key, bytes, pause = '0'] = process.argv.slice(2)
const chunk = 64 * 1024

async function* body() {
  for (let left = Number(bytes); left > 0; left -= chunk) {
    yield new Uint8Array(Math.min(left, chunk)).fill(process.pid % 256)
    await setTimeout(Number(pause))
  }
}

try {
  const driver = guard(filesystem({ path }))
  console.log(
    JSON.stringify(await driver.put(key, body(), { kind: 'part', signal: new AbortController().signal })),
  )
} catch (error) {
  console.log(JSON.stringify({ code: error.code, message: error.message, statusCode: error.statusCode }))
}
