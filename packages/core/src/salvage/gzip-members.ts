import { crc32, inflateRawSync } from 'node:zlib'
import { sha256 } from '../format/sha256.js'
import type { Piece } from './piece.js'
import type { StoredBlock } from './stored-blocks.js'

/** How a member begins that has no optional fields: RFC 1952, section 2.3. Those that core writes all do. */
const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00])
const headerBytes = 10
const trailerBytes = 8

/** Content of one member that is held at most, in bytes; core writes 1 MiB. */
const largestMember = 64 * 1024 * 1024

/**
 * The members of a gzip file that still decode, wherever they lie. Each ends with the CRC-32 and the length of its
 * content (RFC 1952, section 2.3.1); one inside intact blocks is proven by their SHA-256 besides, and so is one whose
 * own is known. A member larger than two blocks is not found.
 */
export async function* gzipMembers(
  blocks: AsyncIterable<StoredBlock>,
  known: ReadonlySet<string>,
): AsyncGenerator<Piece> {
  const held: StoredBlock[] = []
  let at = 0
  for await (const block of blocks) {
    held.push(block)
    // A member may extend into the next block, so the last block held is only used to complete it.
    if (held.length > 1) yield* membersIn(held, false)
  }
  yield* membersIn(held, true)

  /** Yields the members that begin in the held blocks, and drops blocks that are no longer needed. */
  function* membersIn(window: StoredBlock[], last: boolean): Generator<Piece> {
    const [first] = window
    if (first === undefined) return
    const bytes = Buffer.concat(window.map((block) => block.bytes))
    const base = first.from
    const end = last ? bytes.byteLength : first.bytes.byteLength
    let next = Math.max(0, at - base)
    while (next < end) {
      const start = bytes.indexOf(magic, next)
      if (start === -1 || start >= end) break
      const member = inflateMember(bytes.subarray(start))
      if (member === undefined) {
        next = start + 1
        continue
      }
      next = start + member.bytes
      const range = { from: base + start, to: base + next }
      const proved = isIntact(window, range) || known.has(sha256(bytes.subarray(start, next)))
      yield { ...range, content: member.content, proof: proved ? 'sha256' : 'crc32' }
    }
    at = Math.max(base + next, base + end)
    if (!last) window.shift()
  }
}

function isIntact(window: readonly StoredBlock[], { from, to }: { from: number; to: number }): boolean {
  return window
    .filter((block) => block.from < to && block.from + block.bytes.byteLength > from)
    .every(({ intact }) => intact)
}

/** The member that the bytes begin with, if they do and it is whole. */
function inflateMember(bytes: Buffer): { content: Uint8Array; bytes: number } | undefined {
  try {
    const { buffer, engine } = inflateWithInfo(bytes.subarray(headerBytes))
    const trailer = headerBytes + engine.bytesWritten
    if (trailer + trailerBytes > bytes.byteLength) return undefined
    const sum = bytes.readUInt32LE(trailer)
    const length = bytes.readUInt32LE(trailer + 4)
    if (sum !== crc32(buffer) || length !== buffer.byteLength) return undefined
    return { content: buffer, bytes: trailer + trailerBytes }
  } catch {
    // Not the start of a member, or a damaged one: the search continues after it.
    return undefined
  }
}

/** `info` is documented (https://nodejs.org/api/zlib.html#class-options), and not in the types. */
function inflateWithInfo(bytes: Buffer): { buffer: Buffer; engine: { bytesWritten: number } } {
  const options = { info: true, maxOutputLength: largestMember }
  return inflateRawSync(bytes, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
}
