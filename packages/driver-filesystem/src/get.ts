import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { GetCall } from '@s3db-backup/core'
import { fileError, problem, type Touched } from './errors.js'
import { fileOf, findBelow, type Place } from './place.js'

/** How much is read at once, in bytes. */
const chunkBytes = 256 * 1024
/** The same of what comes first. Most files are small, and many of them are read side by side. */
const firstBytes = 16 * 1024

/** Outside Node's pool: the reader may keep the chunk. */
const newBuffer = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes)

/**
 * First buffers that no reader has a part of. A thousand small files would leave as many of them for the garbage
 * collector, which does not hurry: it sees the objects, not their 16 KiB.
 */
const idle: Buffer[] = []
const mostIdle = 64

/** Windows has no such flag. There the check before opening stands alone. */
const noFollow = constants.O_NOFOLLOW ?? 0

/**
 * Yields the file from `offset` on, up to `length` bytes of it. `not_found` unless there is a file: a directory is not
 * an object.
 */
export async function* get(
  { root }: Place,
  key: string,
  { signal, offset = 0, length = Number.POSITIVE_INFINITY, reuse = false }: GetCall,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted()
  const path = fileOf(root, key, 'download')
  const touched: Touched = { path, operation: 'download' }
  if ((await findBelow(root, path, 'download')) !== 'file')
    throw problem('not_found', 'there is no such file', touched)
  const failed = (error: unknown): never => {
    throw fileError(error, touched)
  }
  const handle = await open(path, constants.O_RDONLY | noFollow).catch(failed)
  let buffer = idle.pop() ?? newBuffer(firstBytes)
  let isOurs = true
  try {
    const end = offset + length
    for (let position = offset; position < end; ) {
      signal.throwIfAborted()
      const wanted = Math.min(buffer.byteLength, end - position)
      const { bytesRead } = await handle.read(buffer, 0, wanted, position).catch(failed)
      if (bytesRead === 0) break
      position += bytesRead
      if (isOurs && bytesRead <= firstBytes / 2) {
        // Copying so few bytes costs less than a new buffer.
        yield copyOf(buffer.subarray(0, bytesRead))
        continue
      }
      isOurs = false
      yield buffer.subarray(0, bytesRead)
      buffer = nextBuffer(buffer, bytesRead, reuse)
    }
  } finally {
    if (isOurs && idle.length < mostIdle) idle.push(buffer)
    await handle.close()
  }
  signal.throwIfAborted()
}

function copyOf(bytes: Buffer): Buffer {
  const copy = newBuffer(bytes.byteLength)
  bytes.copy(copy)
  return copy
}

function nextBuffer(buffer: Buffer, bytesRead: number, reuse: boolean): Buffer {
  // A buffer that was not filled usually means the end of the file; the rest of the buffer is enough to check that.
  if (bytesRead < buffer.byteLength) return reuse ? buffer : buffer.subarray(bytesRead)
  return reuse && buffer.byteLength === chunkBytes ? buffer : newBuffer(chunkBytes)
}
