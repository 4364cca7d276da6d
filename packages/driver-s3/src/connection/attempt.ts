import { randomUUID } from 'node:crypto'
import type { ObjectKind, PutCall } from '@s3db-backup/core'

/** One `put`: what is known of it while it runs. */
export interface Attempt {
  readonly key: string
  readonly kind: ObjectKind
  /** Stored with the object, to distinguish it from another one under the same key. */
  readonly nonce: string
  /** Aborts with the caller's signal, and when any request or the body fails. */
  readonly signal: AbortSignal
  /** Bytes of the body read so far. */
  bytes: number
  /** How often a multipart upload was requested; more than once if the SDK retried. */
  createsSent: number
  uploadId: string | undefined
  /** Whether the request that makes the object was sent. From then on it may exist. */
  finalSent: boolean
  /** Stops everything under way. Returns the first error of all, which the others only follow from. */
  fail(error: unknown): unknown
}

export function startAttempt(key: string, { kind, signal: caller }: PutCall): Attempt {
  const stop = new AbortController()
  const signal = AbortSignal.any([caller, stop.signal])
  return {
    key,
    kind,
    nonce: randomUUID(),
    signal,
    bytes: 0,
    createsSent: 0,
    uploadId: undefined,
    finalSent: false,
    fail(error) {
      stop.abort(error)
      return signal.reason
    },
  }
}
