import { createHash, hash } from 'node:crypto'
import { BackupError, isBackupError } from '../errors.js'
import type { Part } from '../manifest.js'
import type { Codec } from '../ports/codec.js'
import type { Driver, GetCall } from '../ports/driver.js'
import { drain, grouped } from '../streams/bytes.js'
import { fileKey } from './layout.js'
import { measure } from './measure.js'
import { objectKindOf } from './object-kind.js'

/** No block is held beyond this size, whatever a manifest says. */
export const largestBlock = 64 * 1024 * 1024

/** Where parts are read from and with what. */
export interface ReadContext {
  readonly driver: Driver
  readonly backupId: string
  readonly directory: string
  readonly codecs: ReadonlyMap<string, Codec>
  readonly signal: AbortSignal
}

/**
 * The stored bytes of a part, released block by block once the block's SHA-256 is as recorded. Throws
 * `corrupt` naming the block and its byte range, before it passes on a single wrong byte.
 */
export async function* readStored(context: ReadContext, part: Part): AsyncGenerator<Uint8Array> {
  if (part.blockBytes > largestBlock)
    throw damaged(context, part, `its blocks of ${part.blockBytes} bytes are too large`)
  if (part.blocks.length !== Math.ceil(part.bytes / part.blockBytes))
    throw damaged(context, part, 'its list of blocks is not whole')
  let block = 0
  let bytes = 0
  // The hash of a single block is the hash of the part.
  const whole = part.blocks.length === 1 ? undefined : createHash('sha256')
  for await (const pieces of grouped(objectOf(context, part), part.blockBytes)) {
    const from = block * part.blockBytes
    const to = Math.min(from + part.blockBytes, part.bytes)
    bytes += sizeOf(pieces)
    if (bytes !== to) throw endsEarly(context, part, bytes)
    if (hashOf(pieces) !== part.blocks[block]) throw differs(context, part, block)
    for (const piece of pieces) whole?.update(piece)
    block += 1
    yield* pieces
  }
  if (bytes !== part.bytes) throw endsEarly(context, part, bytes)
  // Otherwise a manifest with contradictory hashes would be sound for one reader and damaged for the next.
  if ((whole?.digest('hex') ?? part.blocks[0]) !== part.sha256)
    throw damaged(context, part, 'its sha256 is not that of its blocks')
}

/**
 * Reads a part that was just written and compares it with what was sent, without holding any of it. Throws `corrupt`
 * naming the first block that differs, and its byte range.
 */
export async function compareStored(context: ReadContext, part: Part): Promise<void> {
  const found = measure()
  await drain(found.pass(objectOf(context, part, { reuse: true })))
  const { bytes, blocks } = found.result()
  const block = part.blocks.findIndex((hash, at) => hash !== blocks[at])
  // If the part ends early, its last block differs for that reason alone.
  if (bytes < part.bytes && block >= blocks.length - 1) throw endsEarly(context, part, bytes)
  if (block >= 0) throw differs(context, part, block)
}

function endsEarly(context: ReadContext, part: Part, bytes: number): BackupError {
  return damaged(context, part, `it ends after ${bytes} of ${part.bytes} bytes`)
}

function differs(context: ReadContext, part: Part, block: number): BackupError {
  const from = block * part.blockBytes
  const to = Math.min(from + part.blockBytes, part.bytes)
  const why = `bytes ${from} to ${to - 1} differ from what was written`
  return damaged(context, part, why, { block, from, to })
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const [only, another] = pieces
  if (only !== undefined && another === undefined) return hash('sha256', only)
  const all = createHash('sha256')
  for (const piece of pieces) all.update(piece)
  return all.digest('hex')
}

/** The part's object. That it is missing, or longer, is damage to the backup, whose manifest says what is there. */
async function* objectOf(
  context: ReadContext,
  part: Part,
  how: Pick<GetCall, 'reuse'> = {},
): AsyncGenerator<Uint8Array> {
  const tooLong = () => damaged(context, part, `it is longer than ${part.bytes} bytes`)
  const key = fileKey(context.directory, part.file)
  try {
    const call = { signal: context.signal, kind: objectKindOf(part), ...how }
    yield* limited(context.driver.get(key, call), part.bytes, tooLong)
  } catch (error) {
    throw isBackupError(error, 'not_found') ? damaged(context, part, 'it is missing', {}, error) : error
  }
}

/** The chunks, up to a maximum number of bytes. */
export async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  tooMuch: () => BackupError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > limit) throw tooMuch()
    yield chunk
  }
}

/** How messages speak of a part. */
export function nameOf(context: ReadContext, part: Part): string {
  return `${context.backupId}/${part.file}`
}

/** The error for a part whose bytes or lines are not what the manifest says. */
export function damaged(
  context: ReadContext,
  part: Part,
  why: string,
  metadata = {},
  cause?: unknown,
): BackupError {
  const { file, resource, holds } = part
  return new BackupError('corrupt', `${nameOf(context, part)} is damaged: ${why}`, {
    operation: 'download',
    driver: context.driver.name,
    metadata: { backupId: context.backupId, file, resource, holds, ...metadata },
    ...(cause === undefined ? {} : { cause }),
  })
}
