// One upload of the given number of bytes to S3, by this product's driver or by the AWS SDK's own uploader.
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { peakMiB } from '../../test/peak-memory.ts'
import { s3 } from '../products.mjs'
import { onS3, rateOf } from '../s3.mjs'

const mebibyte = 1024 * 1024
const [who, bytes] = [process.argv[2], Number(process.argv[3])]
const { signal } = new AbortController()
const chunk = randomBytes(mebibyte)

async function* bodyOf(length) {
  for (let left = length; left > 0; left -= chunk.byteLength)
    yield chunk.subarray(0, Math.min(left, chunk.byteLength))
}

/** What the uploader does with its own settings (parts of 5 MiB, 4 at once) and with those of this product. */
const settings = [{}, { partSize: 8 * mebibyte, queueSize: 3 }]

const uploaderOf = {
  ours({ endpoint, bucket }) {
    const { url, region, credentials } = endpoint
    const driver = s3({ bucket, endpoint: url, region, credentials })
    return [(key, length) => driver.put(key, bodyOf(length), { kind: 'part', signal })]
  },
  theirs({ endpoint, bucket }) {
    const { url, region, credentials } = endpoint
    const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true })
    return settings.map((options) => (key, length) => {
      const params = { Bucket: bucket, Key: key, Body: Readable.from(bodyOf(length), { objectMode: false }) }
      return new Upload({ client, params, ...options }).done()
    })
  },
}

const rate = await onS3(async (place) => {
  const ways = uploaderOf[who](place).map(
    (upload) => (key, length) => rateOf(length / mebibyte, () => upload(key, length)),
  )
  // The first round is not counted; the second shows which way is faster. A server in memory has no room for all of
  // it.
  const trial = Math.min(bytes, 64 * mebibyte)
  const tried = []
  for (const [at, way] of ways.entries()) {
    await way(`warm-${at}`, trial)
    tried.push({ way, rate: await way(`trial-${at}`, trial) })
  }
  const [best] = tried.sort((a, b) => b.rate - a.rate)
  return best.way('body', bytes)
})
console.log(JSON.stringify({ rate, peakMiB: peakMiB() }))
process.exit(0)
