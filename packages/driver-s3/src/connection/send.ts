import { setTimeout as sleep } from 'node:timers/promises'
import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import { answered, explain, hostOf } from '../errors/errors.js'
import type { CheckedOptions } from '../options.js'
import { actionOf, keyIn, type S3Command } from './command.js'
import { areOutdated, rotationOf } from './credentials.js'
import { advised, isRefusal, namesOther, type Support } from './support.js'
import { type Watched, watchAnswer } from './watch-answer.js'
import { type Checksums, watchChecksums } from './without-checksums.js'

/** Sends a request. Rejects with `signal.reason`, or with a `BackupError` that names the cause. */
export type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: S3Command<Input, Output>,
  signal: AbortSignal,
) => Promise<Output>

interface Sending {
  readonly client: S3Client
  readonly options: CheckedOptions
  readonly support: Support
  /** The proxy between here and an address. */
  readonly proxyFor: (url: string) => string | undefined
}

/** Everything that this package asks of a server, with what servers want in common: patience, and fewer headers. */
export function sender({ client, options, support, proxyFor }: Sending): Send {
  const secrets = secretsOf(options)
  const rotation = rotationOf(client)

  /** One request, with the SDK's own retries. */
  const once = async <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
    signal: AbortSignal,
    checksums: Checksums,
  ): Promise<Output> => {
    signal.throwIfAborted()
    const watched: Watched = {}
    watchAnswer(command, watched)
    watchChecksums(command, checksums)
    try {
      return await client.send(command, { abortSignal: signal })
    } catch (error) {
      signal.throwIfAborted()
      const about = { bucket: options.bucket, key: keyIn(command.input), action: actionOf(command) }
      const { address } = watched
      const proxy = address === undefined ? undefined : proxyFor(address.url)
      throw explain(error, { ...about, ...address, proxy, secrets })
    }
  }

  /** Goes on without checksums where the server takes the same request without them. */
  const withFewerHeaders: Send = async (command, signal) => {
    const checksums = { drop: !support.has('checksums'), seen: false }
    try {
      return await once(command, signal, checksums)
    } catch (error) {
      if (!checksums.seen || !isRefusal(error) || answered(error, 'EntityTooLarge')) throw error
      if (!support.mayLack('checksums')) throw advised(error, 'checksums')
      if (namesOther(error, 'checksums')) throw error
      const done = await once(command, signal, { drop: true, seen: false }).catch((again: unknown) => {
        // The checksums were not the cause: the first refusal tells what is wrong.
        throw isRefusal(again) ? error : again
      })
      support.lacks('checksums', hostOf(error))
      return done
    }
  }

  /** With the credentials of today, where those of yesterday are refused. Keys that were given as such stay. */
  const withCredentials: Send = async (command, signal) => {
    const { generation } = rotation
    try {
      return await withFewerHeaders(command, signal)
    } catch (error) {
      if (!areOutdated(error) || typeof options.credentials === 'object') throw error
      // If renewing fails, that is not the news; the refusal is.
      if (!(await rotation.renewed(generation).catch(() => false))) throw error
      return await withFewerHeaders(command, signal)
    }
  }

  return async (command, signal) => {
    for (let wait = shortestWait; ; wait *= 2) {
      try {
        return await withCredentials(command, signal)
      } catch (error) {
        if (wait > longestWait || !isUnderWay(error)) throw error
      }
      // Requests that collided must not collide again.
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

/** In ms. */
const shortestWait = 100
const longestWait = 1_000

/** S3 asks to try such a request again (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
function isUnderWay(error: unknown): boolean {
  return answered(error, 'ConditionalRequestConflict') || answered(error, 'OperationAborted')
}

/** The secrets that no message may show, even if a server repeats them. */
function secretsOf({ sseCustomerKey, credentials }: CheckedOptions): string[] {
  const keys = typeof credentials === 'object' ? [credentials.secretAccessKey, credentials.sessionToken] : []
  return [sseCustomerKey, ...keys].filter((secret) => secret !== undefined)
}
