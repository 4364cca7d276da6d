import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectOutput,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3'
import { type Call, isBackupError } from '@s3db-backup/core'
import type { ThawCall, ThawReport } from '@s3db-backup/core/internal'
import type { Connection } from './connection/connection.js'
import { answered } from './errors/errors.js'

/**
 * Requests a thaw of each archived object and waits until all can be read. Objects in other classes, thawed ones and
 * those already requested cost one request each.
 */
export async function thaw(
  connection: Connection,
  keys: Iterable<string>,
  options: ThawCall & Call,
): Promise<ThawReport> {
  const { signal, onEvent = () => undefined, interval = 60_000 } = options
  const all = [...keys]
  let waiting: string[] = []
  let requested = 0
  for (const key of all) {
    const state = await stateOf(connection, key, signal)
    if (state.readable) continue
    if (!state.asked) {
      if (!(await request(connection, key, state.storageClass, options))) continue
      requested += 1
      onEvent({ type: 'thaw-requested', key, storageClass: state.storageClass })
    }
    waiting.push(key)
  }
  while (waiting.length > 0) {
    onEvent({ type: 'thaw-waiting', ready: all.length - waiting.length, waiting: waiting.length })
    await pause(interval, signal)
    const still: string[] = []
    for (const key of waiting) if (!(await stateOf(connection, key, signal)).readable) still.push(key)
    waiting = still
  }
  return { objects: all.length, requested }
}

interface State {
  readonly storageClass: string
  readonly readable: boolean
  /** A thaw is under way. */
  readonly asked: boolean
}

async function stateOf(connection: Connection, key: string, signal: AbortSignal): Promise<State> {
  const head = await connection.send(new HeadObjectCommand(connection.object(key)), signal)
  const { StorageClass: storageClass = 'STANDARD', Restore: restore = '' } = head
  const asked = restore.includes('ongoing-request="true"')
  return {
    storageClass,
    asked,
    readable: !asked && (!isArchived(head) || restore.includes('ongoing-request="false"')),
  }
}

function isArchived({ StorageClass, ArchiveStatus }: HeadObjectOutput): boolean {
  return StorageClass === 'GLACIER' || StorageClass === 'DEEP_ARCHIVE' || ArchiveStatus !== undefined
}

/** Asks for a thaw. False where the server has archive classes by name only, and reads the object at once. */
async function request(
  connection: Connection,
  key: string,
  storageClass: string,
  options: ThawCall & Call,
): Promise<boolean> {
  const { tier = 'Standard', days = 7, signal } = options
  // Intelligent-Tiering moves the object itself back; no copy could expire.
  const expiry = storageClass === 'INTELLIGENT_TIERING' ? {} : { Days: days }
  const RestoreRequest = { ...expiry, GlacierJobParameters: { Tier: tier } }
  const Bucket = connection.options.bucket
  try {
    await connection.send(
      new RestoreObjectCommand({ Bucket, Key: connection.fullKey(key), RestoreRequest }),
      signal,
    )
    return true
  } catch (error) {
    if (answered(error, 'RestoreAlreadyInProgress')) return true
    if (!isBackupError(error, 'unsupported') || !(await canBeRead(connection, key, signal))) throw error
    return false
  }
}

async function canBeRead(connection: Connection, key: string, signal: AbortSignal): Promise<boolean> {
  const { Body: body } = await connection.send(
    new GetObjectCommand({ ...connection.object(key), Range: 'bytes=0-0' }),
    signal,
  )
  await body?.transformToByteArray()
  return true
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
