import { isDeepStrictEqual } from 'node:util'
import { type Call, isBackupError } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { Answered, exchange, longestWait, statusOf } from '../client/exchange.js'
import { readObject } from '../client/objects.js'
import { signerFor } from '../client/own-signature.js'
import {
  metadataPrefix,
  type RequestPattern,
  requestFor,
  type Wanted,
  watchRead,
} from '../client/request-pattern.js'
import { isSdkClient, isUnchanged, type SdkAnswer, type SdkClient } from '../client/sdk-client.js'
import type { StoredObject } from '../stored-form/index.js'

/*
 * Most records of s3db.js are objects without a body. To ask for one through all the layers of the AWS SDK takes
 * about four times the processor time of the request itself (ADR 0017). So one read that goes that way is
 * watched, and its request is the pattern of the others: they are signed as its signer would, the same client's
 * HTTP handler sends them, and s3db.js decodes the answers as ever. Whatever is not plainly an object without a
 * body is left to the ordinary way, which checks bodies, retries, and names failures.
 */

export interface QuickReads {
  /**
   * Reads an object without a body; `undefined` if there is none. `refused`: the server is overloaded. `ordinary`: this
   * one must be read the ordinary way.
   */
  read(wanted: Wanted, call: Call): Promise<StoredObject | undefined | 'refused' | 'ordinary'>
}

/** So many are read the ordinary way first: with fewer there is nothing to gain. */
const enough = 32

export function quickReads(client: Client, patience: number = longestWait): QuickReads {
  const sdk = client.client
  let possible = isSdkClient(sdk) && isUnchanged(sdk)
  let ask: Asking | undefined
  let learning: Promise<unknown> | undefined
  let asked = 0

  /** The quick way is used once it was seen to read the same. */
  const learn = async (sdk: SdkClient, wanted: Wanted, call: Call) => {
    const { object, pattern } = await watchRead(client, sdk, wanted, call)
    if (object === undefined || object.body.byteLength > 0) return object
    const found = pattern && (await asking(client, sdk, pattern, patience))
    const same = await found?.(wanted, call)
    if (isDeepStrictEqual(same, object)) ask = found
    else if (same !== 'refused') possible = false
    return object
  }

  /** A client that cannot be watched is used unchanged. */
  const orOrdinary = (error: unknown): 'ordinary' => {
    if (isBackupError(error) && error.metadata.wholeStorage === true) throw error
    possible = false
    return 'ordinary'
  }

  return {
    async read(wanted, call) {
      asked += 1
      if (!possible || asked <= enough || !isSdkClient(sdk)) return 'ordinary'
      if (ask === undefined && learning === undefined) {
        const learnt = learn(sdk, wanted, call).catch((error: unknown) => {
          call.signal.throwIfAborted()
          return orOrdinary(error)
        })
        learning = learnt
          .catch(() => undefined)
          .finally(() => {
            learning = undefined
          })
        return learnt
      }
      await learning
      if (ask === undefined) return 'ordinary'
      const answer = await ask(wanted, call)
      if (answer !== 'strange') return answer
      possible = false
      return 'ordinary'
    },
  }
}

/** Sends one request and has s3db.js make an object of the answer. `strange` is what no request should meet. */
type Asking = (
  wanted: Wanted,
  call: Call,
) => Promise<StoredObject | undefined | 'refused' | 'ordinary' | 'strange'>

async function asking(
  client: Client,
  sdk: SdkClient,
  pattern: RequestPattern,
  patience: number,
): Promise<Asking> {
  const sign = await signerFor(pattern.request, pattern.auth)
  const clientFor = (versionId: string | undefined): Client => {
    const send = async ({ input }: { readonly input: { readonly Key: string } }) => {
      const request = await sign(requestFor(pattern, input.Key, versionId))
      return outputOf((await exchange(sdk, request, patience)).answer)
    }
    // Without the pool of s3db.js, which has its own limit of requests in flight and repeats requests for a missing
    // key for seconds.
    return Object.create(client, { client: { value: { send } }, taskExecutor: { value: null } })
  }
  const newest = clientFor(undefined)
  return async ({ key, versionId }, call) => {
    try {
      const by = versionId === undefined ? newest : clientFor(versionId)
      return await readObject(by, key, call)
    } catch (error) {
      // Whatever went wrong, the ordinary way meets it again and reports it.
      call.signal.throwIfAborted()
      const status = statusOf(error)
      if (status === 429 || status === 503) return 'refused'
      return status !== undefined && status >= 300 && status < 500 ? 'strange' : 'ordinary'
    }
  }
}

/** The SDK's output for such an answer. Throws unless it is an object without a body. */
function outputOf({ statusCode, headers }: SdkAnswer) {
  if (statusCode === 404) throw Object.assign(new Error('There is no such key'), { name: 'NoSuchKey' })
  if (statusCode !== 200 || headers['content-length'] !== '0') throw new Answered(statusCode)
  const Metadata: Record<string, string> = {}
  for (const name in headers)
    if (name.startsWith(metadataPrefix)) Metadata[name.slice(metadataPrefix.length)] = headers[name] ?? ''
  const ContentType = headers['content-type']
  return { Metadata, ContentLength: 0, ...(ContentType === undefined ? {} : { ContentType }) }
}
