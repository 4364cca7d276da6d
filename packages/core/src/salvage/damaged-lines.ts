import { createInflateRaw } from 'node:zlib'
import { lineFeed } from '../format/lines.js'
import type { ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import { storedBlocks } from './stored-blocks.js'

/** How a gzip member begins that has no optional fields. */
const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00])
const headerBytes = 10

/** Content of a damaged stretch that is looked at, at most, in bytes. */
const mostContent = 64 * 1024 * 1024

/** Bytes that are inflated at a time: of those in which the damage begins nothing is given back. */
const largeStep = 4096
const smallStep = 16

/** A stretch of stored bytes that no hash of a block and no checksum of a member proves. */
export interface Stretch {
  readonly from: number
  readonly to: number
  /** Content before it, from the last line feed on: the beginning of the line that it cuts. */
  readonly before: Uint8Array | undefined
  /** Content behind it, up to the first line feed. */
  readonly after: Uint8Array
}

/**
 * The lines that can be read from a damaged stretch, in order: all of uncompressed bytes; for each gzip member, what
 * inflates before its damage. Any of them may be wrong.
 */
export async function damagedLines(
  context: ReadContext,
  part: Part,
  stretch: Stretch,
): Promise<readonly string[]> {
  const { from, to, before, after } = stretch
  const [codec, ...more] = part.codecs
  if (more.length > 0 || (codec !== undefined && codec !== 'gzip') || to - from > mostContent) return []
  const stored = await bytesIn(context, part, stretch)
  if (codec === undefined) return linesIn([before ?? cut, stored, after], before !== undefined)
  const lines: string[] = []
  for (const start of starts(stored)) {
    const content = await inflatedBefore(stored.subarray(start + headerBytes), context.signal)
    const joins = start === 0 && before !== undefined
    for (const line of linesIn(joins ? [before, content] : [content], joins)) lines.push(line)
  }
  return lines
}

const cut = new Uint8Array(0)

async function bytesIn(context: ReadContext, part: Part, { from, to }: Stretch): Promise<Buffer> {
  const found: Uint8Array[] = []
  for await (const block of storedBlocks(context, part)) {
    if (block.from >= to) break
    const bytes = block.bytes.subarray(Math.max(0, from - block.from), Math.max(0, to - block.from))
    if (bytes.byteLength > 0) found.push(bytes)
  }
  return Buffer.concat(found)
}

/** Where members begin: the first at the beginning, even if its own first bytes are damaged. */
function starts(stored: Buffer): number[] {
  const found = [0]
  for (let at = stored.indexOf(magic, 1); at !== -1; at = stored.indexOf(magic, at + 1)) found.push(at)
  return found
}

/** The content of a deflated stream up to its damage. */
async function inflatedBefore(bytes: Buffer, signal: AbortSignal): Promise<Buffer> {
  const quick = await inflated(bytes, bytes.byteLength, signal)
  return quick.taken === bytes.byteLength
    ? quick.content
    : (await inflated(bytes, quick.taken, signal)).content
}

/** Inflates in small steps from a place on, in large ones before. `taken` is where the step that failed begins. */
async function inflated(
  bytes: Buffer,
  smallFrom: number,
  signal: AbortSignal,
): Promise<{ readonly content: Buffer; readonly taken: number }> {
  const inflate = createInflateRaw()
  const content: Buffer[] = []
  let [size, taken] = [0, 0]
  inflate.on('data', (chunk: Buffer) => {
    content.push(chunk)
    size += chunk.byteLength
  })
  // The reason for the end does not matter: everything that came out before is checked against hashes.
  const over = new Promise<boolean>((resolve) => {
    inflate.once('error', () => resolve(false))
    inflate.once('end', () => resolve(false))
  })
  try {
    while (taken < bytes.byteLength && size <= mostContent) {
      signal.throwIfAborted()
      const piece = bytes.subarray(taken, taken + (taken < smallFrom ? largeStep : smallStep))
      const written = new Promise<boolean>((resolve) => {
        inflate.write(piece, (error) => resolve(error == null))
      })
      if (!(await Promise.race([written, over]))) break
      taken += piece.byteLength
    }
    return { content: Buffer.concat(content), taken }
  } finally {
    inflate.destroy()
  }
}

/** Whole lines; the first one too only if the bytes begin where it begins. */
function linesIn(pieces: readonly Uint8Array[], fromStart: boolean): string[] {
  const bytes = Buffer.concat(pieces)
  const begin = fromStart ? 0 : bytes.indexOf(lineFeed) + 1
  const end = bytes.lastIndexOf(lineFeed)
  return end < begin ? [] : bytes.subarray(begin, end).toString('utf8').split('\n')
}
