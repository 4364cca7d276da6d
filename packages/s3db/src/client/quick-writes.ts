import { willFailAgain } from './client-errors.js'
import { type Client, isS3 } from './database.js'
import { derivedClients } from './derived-clients.js'
import { Answered, exchange, longestWait, statusOf } from './exchange.js'
import { type Sign, signerFor } from './own-signature.js'
import { isSdkClient, isUnchanged, type SdkClient } from './sdk-client.js'
import {
  emptyWrite,
  makesTheSame,
  type Oddity,
  oddities,
  type WatchedWrite,
  watchWrites,
  writeRequest,
} from './write-pattern.js'

/*
 * Nearly all that a restore writes are objects without a body: records, and the references of partitions. The pool of s3db.js
 * lets ten of them be under way, and the layers of the AWS SDK cost several times the request itself (ADR 0033). So the
 * first writes go that way and are watched: each must be the very request that would be made here. If they all are, and
 * the client has no middleware but the SDK's own, the other writes are made here. They are signed as its signer would,
 * the same client's HTTP handler sends them, and s3db.js encodes the metadata and sends its events as ever. Whatever is not
 * answered with 200 goes the ordinary way, which repeats and names failures.
 */

type Put = Parameters<Client['putObject']>[0]

/** So many are written the ordinary way first: with fewer there is nothing to gain. */
const enough = 32

/** Answers that are about the object or the moment, and not about the request. */
const ofTheMoment = new Set([404, 408, 409, 412, 429])

/** The client, writing past the pool of s3db.js, and the quick way where there is one. No client is changed. */
export function quickWriting(client: Client, patience: number = longestWait): Client {
  const sdk = client.client
  if (!isS3(client) || !isSdkClient(sdk)) return client
  const writes = quickWrites(client, sdk, patience)
  // A client derived from this one may behave differently, so it does the write itself.
  const value = function (this: Client, put: Put) {
    return writes(this, put)
  }
  return Object.create(client, { putObject: { value } })
}

function quickWrites(client: Client, sdk: SdkClient, patience: number) {
  const ordinary = (by: Client, put: Put) => client.putObject.call(by, put)
  let way: 'watching' | 'quick' | 'ordinary' = isUnchanged(sdk) ? 'watching' : 'ordinary'
  let first: WatchedWrite | undefined
  let signing: Promise<Sign> | undefined
  let same = 0
  const seen = new Set<Oddity>()

  const tell = (watched: WatchedWrite | undefined) => {
    if (way === 'ordinary') return
    if (watched === undefined) {
      way = 'ordinary'
      return
    }
    first ??= watched
    if (watched.write.Bucket !== first.write.Bucket || !makesTheSame(first.pattern, watched)) way = 'ordinary'
    for (const oddity of oddities(watched.write)) seen.add(oddity)
    same += 1
    if (way === 'watching' && same >= enough) way = 'quick'
  }

  let watching: SdkClient | undefined
  const watched = derivedClients((by) => {
    watching ??= watchWrites(sdk, tell)
    return Object.create(by, { client: { value: watching } })
  })

  const watch = async (by: Client, put: Put) => {
    let client: Client
    try {
      client = watched(by)
    } catch {
      // A client that cannot be watched is used as it is.
      way = 'ordinary'
      return ordinary(by, put)
    }
    return ordinary(client, put)
  }

  const send = async (command: { readonly input: unknown }) => {
    const write = emptyWrite(command.input)
    if (first === undefined || write === undefined || write.Bucket !== first.write.Bucket)
      return sdk.send(command)
    if (!oddities(write).every((oddity) => seen.has(oddity))) return (watching ?? sdk).send(command)
    const { pattern } = first
    signing ??= signerFor(pattern.request, pattern.auth)
    const signed = await (await signing)(writeRequest(pattern, write))
    const { answer, hasBody } = await exchange(sdk, signed, patience)
    const { statusCode: status, headers } = answer
    // A server that has stored an object returns no body.
    if (status !== 200 || hasBody) throw new Answered(status)
    return { $metadata: { httpStatusCode: status, attempts: 1 }, ETag: headers.etag }
  }

  const direct = derivedClients((by) => pastThePool(by, { client: { value: { send } } }))
  const past = derivedClients((by) => pastThePool(by))

  const quickly = async (by: Client, put: Put) => {
    let status: number | undefined
    try {
      return await ordinary(direct(by), put)
    } catch (error) {
      // Whatever went wrong, the ordinary way meets it again and reports it.
      status = statusOf(error)
    }
    const stored = await ordinary(by, put)
    const strange = status !== undefined && status >= 300 && status < 500 && !ofTheMoment.has(status)
    if (strange && typeof stored !== 'symbol') way = 'ordinary'
    return status === 429 || status === 503 ? repeated(stored) : stored
  }

  /** The pool waits and asks again, where that may help. */
  const unpooled = async (by: Client, put: Put) => {
    try {
      return await ordinary(past(by), put)
    } catch (error) {
      if (willFailAgain(error)) throw error
      return repeated(await ordinary(by, put))
    }
  }

  return (by: Client, put: Put): Promise<unknown> => {
    if (put.body.length > 0 || put.contentType !== undefined || way === 'ordinary') return unpooled(by, put)
    return way === 'quick' ? quickly(by, put) : watch(by, put)
  }
}

function pastThePool(by: Client, more: PropertyDescriptorMap = {}): Client {
  return Object.create(by, { ...more, _executeOperation: { value: (work: () => unknown) => work() } })
}

/** An answer that took more than one request: reason to ask less at once. */
function repeated(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer
  const metadata: unknown = Reflect.get(answer, '$metadata')
  return { ...answer, $metadata: { ...(typeof metadata === 'object' ? metadata : {}), attempts: 2 } }
}
