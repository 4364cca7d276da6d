import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import { isOurs } from '../ownership.js'
import { removeObject } from '../remove.js'
import { abortUploads } from './abort-uploads.js'

/** In ms. A server that is gone must not hold up an abort for longer. */
const longestCleanup = 5_000
/** In ms. A request that was cut off may still take effect a moment later. */
const pause = 250

/** Removes whatever a failed attempt may have left. Returns what could not be removed, for people. */
export async function retract(connection: Connection, attempt: Attempt): Promise<string[]> {
  const signal = AbortSignal.timeout(longestCleanup)
  const leftovers: string[] = []
  const tried = async (what: string, work: () => Promise<void>) => {
    await work().catch((error: unknown) =>
      leftovers.push(`${what}: ${error instanceof Error ? error.message : error}`),
    )
  }
  if (attempt.createsSent > 0)
    await tried('multipart upload', () => abortUploads(connection, attempt, signal))
  if (attempt.finalSent) await tried('object', () => removeOurs(connection, attempt, signal))
  return leftovers
}

/**
 * Aborts the uploads that a put which succeeded has begun and does not know. They hold no bytes, and the object is
 * there: that one of them stays is no failure of the put.
 */
export async function removeLostUploads(connection: Connection, attempt: Attempt): Promise<void> {
  await abortUploads(connection, attempt, AbortSignal.timeout(longestCleanup)).catch(() => undefined)
}

async function removeOurs(connection: Connection, attempt: Attempt, signal: AbortSignal): Promise<void> {
  if (!(await isOurs(connection, attempt, signal))) {
    await sleep(pause, undefined, { signal })
    if (!(await isOurs(connection, attempt, signal))) return
  }
  await removeObject(connection, attempt.key, { signal })
}
