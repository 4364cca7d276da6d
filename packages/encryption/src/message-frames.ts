import type { ExactReader } from './exact-reader.js'

/** The header of a message, or one of its frames, whole. */
export interface MessagePiece {
  readonly bytes: Uint8Array
  /** 0 is the header, frames count from 1. */
  readonly number: number
  /** Bytes of content that the piece holds. */
  readonly contentBytes: number
  readonly last: boolean
}

/** Makes the error for bytes that are not a message; `from` and `to` are positions in the message. */
export type Malformed = (
  why: string,
  at: { readonly from: number; readonly to: number; readonly frame: number },
) => Error

const version = 2
const suite = 0x0478
const framed = 2
const messageIdBytes = 32
const commitmentBytes = 32
const tagBytes = 16
const ivBytes = 12
const finalMark = 0xffffffff

/** The context is four short names; nothing that needs more was written here. */
const largestHeader = 64 * 1024

/**
 * Cuts a message of the AWS Encryption SDK into its header and frames, without a key, so that the SDK is given whole
 * frames one by one and it is known which of them fails. It refuses what the SDK accepts: bytes after the last frame,
 * and frames too large to be held. Nothing here is trusted: that a piece is genuine only the SDK says.
 *
 * Layout: https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export async function* messagePieces(
  reader: ExactReader,
  maxFrameBytes: number,
  malformed: Malformed,
): AsyncGenerator<MessagePiece> {
  const header = await readHeader(reader, (why) =>
    malformed(why, { from: 0, to: reader.position(), frame: 0 }),
  )
  if (header.frameBytes < 1 || header.frameBytes > maxFrameBytes) {
    throw malformed(`its frames of ${header.frameBytes} bytes are out of bounds`, {
      from: 0,
      to: reader.position(),
      frame: 0,
    })
  }
  yield { bytes: header.bytes, number: 0, contentBytes: 0, last: false }
  for (let number = 1; ; number++) {
    const frame = await readFrame(reader, number, header.frameBytes, malformed)
    if (frame.last) await endsHere(reader, number, malformed)
    yield frame
    if (frame.last) return
  }
}

async function readHeader(reader: ExactReader, malformed: (why: string) => Error) {
  const parts: Uint8Array[] = []
  let bytes = 0
  const take = async (wanted: number): Promise<Buffer> => {
    bytes += wanted
    if (bytes > largestHeader) throw malformed('its header is too large')
    const part = await reader.take(wanted)
    if (part.byteLength < wanted) throw malformed('it ends within its header')
    parts.push(part)
    return viewOf(part)
  }
  const start = await take(1 + 2 + messageIdBytes + 2)
  if (start.readUInt8(0) !== version || start.readUInt16BE(1) !== suite)
    throw malformed('it does not begin as an encrypted file of ours')
  await take(start.readUInt16BE(3 + messageIdBytes))
  const keys = (await take(2)).readUInt16BE(0)
  if (keys !== 1) throw malformed(`its header has ${keys} keys instead of 1`)
  for (let field = 0; field < 3; field++) await take((await take(2)).readUInt16BE(0))
  const end = await take(1 + 4 + commitmentBytes + tagBytes)
  if (end.readUInt8(0) !== framed) throw malformed('it is not written in frames')
  return { bytes: Buffer.concat(parts), frameBytes: end.readUInt32BE(1) }
}

async function readFrame(
  reader: ExactReader,
  number: number,
  frameBytes: number,
  malformed: Malformed,
): Promise<MessagePiece> {
  const from = reader.position()
  const fail = (why: string) => malformed(why, { from, to: reader.position(), frame: number })
  const prefix = viewOf(await reader.peek(4 + 4 + ivBytes + 4))
  const last = prefix.byteLength >= 4 && prefix.readUInt32BE(0) === finalMark
  const prefixBytes = last ? 4 + 4 + ivBytes + 4 : 4 + ivBytes
  if (prefix.byteLength < prefixBytes)
    throw fail(prefix.byteLength === 0 ? 'it was cut off between two frames' : 'it was cut off')
  if (prefix.readUInt32BE(last ? 4 : 0) !== number) throw fail(`frame ${number} is not where it belongs`)
  const contentBytes = last ? prefix.readUInt32BE(prefixBytes - 4) : frameBytes
  if (contentBytes > frameBytes) throw fail(`frame ${number} is larger than a frame may be`)
  const wanted = prefixBytes + contentBytes + tagBytes
  const bytes = await reader.take(wanted)
  if (bytes.byteLength < wanted) throw fail('it was cut off')
  return { bytes, number, contentBytes, last }
}

async function endsHere(reader: ExactReader, number: number, malformed: Malformed): Promise<void> {
  const from = reader.position()
  if ((await reader.peek(1)).byteLength > 0)
    throw malformed('something was appended to it', { from, to: from, frame: number })
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
