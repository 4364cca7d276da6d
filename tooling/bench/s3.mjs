import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { Pool } from 'undici'
import { makeBucket } from '../s3/bucket.ts'
import { openEndpoint } from '../s3/endpoint.ts'
import { idOf, recordOf } from './database.mjs'
import { Database } from './products.mjs'

/**
 * The S3 server of `S3_ENDPOINT`, or a small one in this process (`small` says how that one is), with a bucket of its own
 * that is gone afterwards.
 */
export async function onS3(work, env = process.env, small = {}) {
  const endpoint = await openEndpoint(env, small)
  try {
    const bucket = await makeBucket(endpoint)
    try {
      return await work({ endpoint, bucket: bucket.name, versioning: bucket.versioning })
    } finally {
      await bucket.remove()
    }
  } finally {
    await endpoint.close()
  }
}

/** The connection string of a database on S3. */
export function connectionTo({ endpoint, bucket }, prefix) {
  const { accessKeyId, secretAccessKey } = endpoint.credentials
  const { protocol, host } = new URL(endpoint.url)
  const keys = `${encodeURIComponent(accessKeyId)}:${encodeURIComponent(secretAccessKey)}`
  return `${protocol}//${keys}@${host}/${bucket}/${prefix}`
}

/**
 * A database on S3 with the resource `users`. Without the pool of s3db.js, which would hold back its client more than
 * this product, and with the AWS SDK's own HTTP handler.
 */
export const openS3Database = (place, prefix) => openS3Address(connectionTo(place, prefix))

/** The same by its connection string. */
export async function openS3Address(connectionString) {
  const database = new Database({
    connectionString,
    logLevel: 'silent',
    exitOnSignal: false,
    executorPool: false,
    clientOptions: { httpClientOptions: { useReckerHandler: false } },
  })
  await database.connect()
  return database
}

/** As the documents open it: with nothing but its address. */
export async function openAsDocumented(place, prefix) {
  const connectionString = connectionTo(place, prefix)
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  return database
}

export async function makeUsers(database) {
  return database.createResource({
    name: 'users',
    attributes: { name: 'string', email: 'string', city: 'string', age: 'number', note: 'string' },
    timestamps: false,
    behavior: 'body-overflow',
  })
}

/** The metadata of a record as s3db.js stores it: all of it, these records have no body. */
export async function metadataOf(users, i) {
  return { ...(await users.schema.mapper(recordOf(i))), _v: users.version }
}

/** Does the work for 0, 1, 2, …, so many at once. */
export async function each(count, inFlight, work) {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, worker))
}

/** Stores the records 0, 1, 2, … as s3db.js does. */
export function putUsers(database, users, records) {
  return each(records, 32, async (i) =>
    database.client.putObject({
      key: `resource=users/data/id=${idOf(i)}`,
      metadata: await metadataOf(users, i),
      body: '',
    }),
  )
}

/** How many per second. */
export async function rateOf(count, work) {
  const begun = performance.now()
  await work()
  return (count / (performance.now() - begun)) * 1000
}

/** The number in flight with the highest rate, each tried twice after a first round that counts for nothing. */
export async function bestInFlight(rate) {
  await rate(16)
  let best = { inFlight: 0, rate: 0 }
  for (const inFlight of [8, 16, 24, 32, 48, 64]) {
    const found = Math.max(await rate(inFlight), await rate(inFlight))
    if (found > best.rate) best = { inFlight, rate: found }
  }
  return best.inFlight
}

/** Asks for objects below a prefix with signed requests over undici and nothing else: no retries, nothing decoded. */
export function plainGets(place, prefix) {
  const { send, close } = plainRequests(place, prefix)
  return { get: (key) => send('GET', key, {}), close }
}

/** Stores objects without a body below a prefix in the same way, with their metadata as it is. */
export function plainPuts(place, prefix) {
  const { send, close } = plainRequests(place, prefix)
  const put = (key, metadata) => {
    const named = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name.toLowerCase()}`, value])
    return send('PUT', key, { 'content-length': '0', ...Object.fromEntries(named) })
  }
  return { put, close }
}

function plainRequests({ endpoint, bucket }, prefix) {
  const { protocol, host, hostname, port } = new URL(endpoint.url)
  const pool = new Pool(endpoint.url, { connections: 64 })
  const signer = new SignatureV4({
    service: 's3',
    region: endpoint.region,
    credentials: endpoint.credentials,
    sha256: NodeSha256,
    uriEscapePath: false,
    applyChecksum: false,
  })
  return {
    async send(method, key, more) {
      const path = `/${bucket}/${prefix}/${key.split('/').map(encodeURIComponent).join('/')}`
      const request = { method, protocol, hostname, port: Number(port), path, query: {} }
      const headers = { host, 'x-amz-content-sha256': nothingHashed, ...more }
      const { headers: signed } = await signer.sign({ ...request, headers })
      const { statusCode, body } = await pool.request({ method, path, headers: signed })
      await body.arrayBuffer()
      if (statusCode !== 200) throw new Error(`${method} ${path}: ${statusCode}`)
    },
    close: () => pool.close(),
  }
}

const nothingHashed = createHash('sha256').digest('hex')

/** Node's SHA-256 in the shape that the signer asks for. */
class NodeSha256 {
  #hash
  constructor(secret) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data) {
    this.#hash.update(data)
  }
  async digest() {
    return new Uint8Array(this.#hash.digest())
  }
}
