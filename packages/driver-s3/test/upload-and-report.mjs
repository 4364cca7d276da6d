// A separate process, so that its memory holds nothing but the upload: streams as many bytes as the first argument
// says into a bucket, reads them back, and prints its peak memory in MiB.
import { peakMiB } from '../../../tooling/test/peak-memory.ts'
import { s3 } from '../dist/index.js'

const size = Number(process.argv[2])
const chunk = Buffer.alloc(64 * 1024, 'a line that does not matter\n')
const { signal } = new AbortController()

const peak = () => Math.round(peakMiB())

async function* body() {
  for (let left = size; left > 0; left -= chunk.byteLength) yield chunk.subarray(0, left)
}

// Every run has an object of its own: objects are written once.
const key = `${size} bytes of process ${process.pid}`
const driver = s3(JSON.parse(process.env.DRIVER_OPTIONS ?? '{}'))
const { bytes } = await driver.put(key, body(), { kind: 'part', signal })
const sent = peak()
let read = 0
for await (const piece of driver.get(key, { kind: 'part', signal })) read += piece.byteLength
await driver.close?.()
console.log(JSON.stringify({ bytes, read, sent, peak: peak() }))
