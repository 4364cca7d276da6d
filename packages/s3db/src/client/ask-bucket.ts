import { Readable } from 'node:stream'
import { BackupError, type Call } from '@s3db-backup/core'
import { untilAborted } from '@s3db-backup/core/internal'
import { clientError } from './client-errors.js'
import { type Client, isS3 } from './database.js'
import { isSdkClient, type SdkClient, type SdkMiddleware } from './sdk-client.js'

/** A `GET` of the bucket itself, with these parameters. */
export interface BucketQuestion {
  /** For messages: what the storage could not do. */
  readonly what: string
  /** Below the database's own prefix. */
  readonly prefix: string
  readonly maxKeys?: number | undefined
  /** The parameters in place of those of a listing of objects; the prefix and the number of keys stay with `versions`. */
  readonly query: Readonly<Record<string, string>>
}

/** The answer as the server wrote it. */
export interface BucketAnswer {
  readonly xml: string
  /** The requested prefix, with the database's own. */
  readonly prefix: string
  /** The storage's own clock when it answered, in ms since 1970; `undefined` if it does not say. */
  readonly date: number | undefined
}

/** The database's own SDK client. Throws `unsupported` for a database that is not in a bucket. */
export function sdkClientOf(client: Client): SdkClient {
  if (isS3(client) && isSdkClient(client.client)) return client.client
  throw new BackupError('unsupported', 'This database is not in a bucket, so it has no earlier versions', {
    suggestion: 'Restore a backup. Earlier states without backups need a bucket with versioning.',
  })
}

/**
 * Asks what s3db.js has no method for. A listing of objects is sent with other parameters through the database's own
 * client: its endpoint, signer and retries serve, and no command of the SDK has to be imported. The XML is given as it
 * came: the SDK would sort versions and delete markers into two lists, and what came first is lost then.
 */
export async function askBucket(client: Client, question: BucketQuestion, call: Call): Promise<BucketAnswer> {
  const sdk = sdkClientOf(client)
  const middlewareStack = sdk.middlewareStack.clone()
  let answer: BucketAnswer | undefined
  let prefix = ''
  const askOtherwise: SdkMiddleware = (next) => (args) => {
    const { request } = args
    if (request === undefined) return next(args)
    const { prefix: given = '', 'max-keys': keys = '1000' } = request.query ?? {}
    prefix = String(given)
    const kept = 'versions' in question.query ? { prefix, 'max-keys': String(keys) } : {}
    return next({ ...args, request: { ...request, query: { ...kept, ...question.query } } })
  }
  const takeAnswer: SdkMiddleware = (next) => async (args) => {
    const result = await next(args)
    const response: unknown = result instanceof Object ? Reflect.get(result, 'response') : undefined
    if (!isAnswer(response) || response.statusCode !== 200) return result
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    const date = Date.parse(response.headers.date ?? '')
    answer = {
      xml: Buffer.concat(chunks).toString('utf8'),
      prefix,
      date: Number.isNaN(date) ? undefined : date,
    }
    // The SDK's own parsing is not used, so it gets a small body.
    Reflect.set(response, 'body', Readable.from([Buffer.from('<ListBucketResult></ListBucketResult>')]))
    return result
  }
  middlewareStack.addRelativeTo(askOtherwise, {
    name: 'askOtherwise',
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  })
  middlewareStack.add(takeAnswer, { name: 'takeAnswer', step: 'deserialize', priority: 'low' })
  const asking: Client = Object.create(client, {
    client: { value: Object.create(sdk, { middlewareStack: { value: middlewareStack } }) },
  })
  const { maxKeys = 1000 } = question
  await untilAborted(() => asking.listObjects({ prefix: question.prefix, maxKeys }), call.signal).catch(
    (error: unknown) => {
      throw clientError(error, call, question.what)
    },
  )
  if (answer === undefined) throw noAnswer(question)
  return answer
}

interface Answered {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

function isAnswer(response: unknown): response is Answered {
  if (typeof response !== 'object' || response === null) return false
  const body: unknown = Reflect.get(response, 'body')
  return (
    typeof Reflect.get(response, 'statusCode') === 'number' &&
    typeof body === 'object' &&
    body !== null &&
    Symbol.asyncIterator in body
  )
}

function noAnswer({ what }: BucketQuestion): BackupError {
  return new BackupError('unavailable', `Cannot ${what} of the database: the answer was unreadable`, {
    metadata: { wholeStorage: true },
  })
}
