import { createHash } from 'node:crypto'
import type { Codec } from '../codec.js'
import type { Driver } from '../driver.js'
import { BackupError, isBackupError } from '../errors.js'
import { fileKey } from '../layout.js'
import type { Part } from '../manifest.js'
import { rechunk } from '../streams/bytes.js'
import { fromLines, longestLineEver } from './lines.js'

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
 * `corrupt` naming the block and its byte range, before a single wrong byte is handed on.
 */
export async function* readStored(context: ReadContext, part: Part): AsyncGenerator<Uint8Array> {
  if (part.blockBytes > largestBlock)
    throw damaged(context, part, `its blocks of ${part.blockBytes} bytes are too large`)
  if (part.blocks.length !== Math.ceil(part.bytes / part.blockBytes))
    throw damaged(context, part, 'its list of blocks is not whole')
  const stored = objectOf(context, part)
  let block = 0
  let bytes = 0
  for await (const chunk of rechunk(
    limited(stored, part.bytes, () => damaged(context, part, `it is longer than ${part.bytes} bytes`)),
    part.blockBytes,
  )) {
    const from = block * part.blockBytes
    const to = Math.min(from + part.blockBytes, part.bytes)
    if (chunk.byteLength !== to - from)
      throw damaged(context, part, `it ends after ${bytes + chunk.byteLength} of ${part.bytes} bytes`)
    if (createHash('sha256').update(chunk).digest('hex') !== part.blocks[block]) {
      throw damaged(context, part, `bytes ${from} to ${to - 1} differ from what was written`, {
        block,
        from,
        to,
      })
    }
    bytes += chunk.byteLength
    block += 1
    yield chunk
  }
  if (bytes !== part.bytes) throw damaged(context, part, `it ends after ${bytes} of ${part.bytes} bytes`)
}

/** The part's object. That it is missing is damage to the backup, which its manifest says is there. */
async function* objectOf(context: ReadContext, part: Part): AsyncGenerator<Uint8Array> {
  try {
    yield* context.driver.get(fileKey(context.directory, part.file), { signal: context.signal })
  } catch (error) {
    throw isBackupError(error, 'not_found') ? damaged(context, part, 'it is missing', {}, error) : error
  }
}

/** The lines of a part, a batch at a time, parsed. Throws `corrupt` unless there are as many as recorded. */
export async function* readLines(context: ReadContext, part: Part): AsyncGenerator<unknown[]> {
  for await (const { texts, number } of readTexts(context, part)) {
    yield texts.map((text, index) => parseLine(text, number + index, context, part))
  }
}

/** Like {@link readLines}, and hands each line on at once: for checks that keep nothing. */
export async function checkLines(
  context: ReadContext,
  part: Part,
  check: (line: unknown) => void,
): Promise<void> {
  for await (const { texts, number } of readTexts(context, part)) {
    for (const [index, text] of texts.entries()) check(parseLine(text, number + index, context, part))
  }
}

/** Lines as they were written, and the number of the first, from 1. */
interface Texts {
  readonly texts: readonly string[]
  readonly number: number
}

async function* readTexts(context: ReadContext, part: Part): AsyncGenerator<Texts> {
  const tooMuch = () => damaged(context, part, `it decodes to more than ${part.contentBytes} bytes`)
  const content = limited(decode(context, part), part.contentBytes, tooMuch)
  const longest = Math.min(part.longestLine, longestLineEver)
  let records = 0
  for await (const texts of fromLines(content, longest, nameOf(context, part))) {
    yield { texts, number: records + 1 }
    records += texts.length
  }
  if (records !== part.records) throw damaged(context, part, `it has ${records} of ${part.records} records`)
}

/** The content of a part: verified, decrypted, decompressed. */
function decode(context: ReadContext, part: Part): AsyncIterable<Uint8Array> {
  let bytes: AsyncIterable<Uint8Array> = readStored(context, part)
  for (const id of part.codecs.toReversed()) {
    const { backupId, signal } = context
    bytes = codecOf(context, part, id).decode(bytes, {
      backupId,
      file: part.file,
      resource: part.resource,
      signal,
    })
  }
  return bytes
}

export function codecOf(context: ReadContext, part: Part, id: string): Codec {
  const codec = context.codecs.get(id)
  if (codec !== undefined) return codec
  throw new BackupError(
    'unsupported',
    `${nameOf(context, part)} is encoded with "${id}", which is not known here`,
    {
      operation: 'download',
      suggestion: `Give the codec "${id}" in the option \`codecs\`; known are ${[...context.codecs.keys()].join(', ')}.`,
      metadata: { backupId: context.backupId, file: part.file, codec: id },
    },
  )
}

/** Throws `unsupported` unless every codec that the parts name is at hand, before anything is read or written. */
export function checkCodecs(context: ReadContext, parts: readonly Part[]): void {
  for (const part of parts) for (const id of part.codecs) codecOf(context, part, id)
}

function parseLine(line: string, number: number, context: ReadContext, part: Part): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw damaged(context, part, `line ${number} is not JSON`, { line: number }, cause)
  }
}

async function* limited(
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

function nameOf(context: ReadContext, part: Part): string {
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
