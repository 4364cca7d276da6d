import { isUtf8 } from 'node:buffer'
import type { Part } from '@s3db-backup/core'
import {
  codecOf,
  damaged,
  limited,
  longestLineEver,
  type ReadContext,
  readStored,
} from '@s3db-backup/core/internal'

/** Whole lines, each with its line feed. `text` is their bytes as text, one character a byte. */
export interface WholeLines {
  readonly bytes: Uint8Array
  readonly text: string
}

const lineFeed = 0x0a

/**
 * The content of a part, some whole lines at a time: each block compared with its hash, then decrypted and
 * decompressed. Throws `corrupt`, naming the part, for content that is not UTF-8, ends within a line, or exceeds what
 * the manifest says.
 */
export async function* partLines(context: ReadContext, part: Part): AsyncGenerator<WholeLines> {
  const tooMuch = () => damaged(context, part, `it decodes to more than ${part.contentBytes} bytes`)
  const longest = longestLineOf(part)
  let rest: Uint8Array[] = []
  let restBytes = 0
  const whole = (bytes: Uint8Array): WholeLines => {
    if (!isUtf8(bytes)) throw damaged(context, part, 'it is not UTF-8')
    return { bytes, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') }
  }
  for await (const chunk of limited(decoded(context, part), part.contentBytes, tooMuch)) {
    const end = chunk.lastIndexOf(lineFeed) + 1
    // A line that spans two chunks is yielded alone, so that the others are not copied.
    const begun = end > 0 && restBytes > 0 ? chunk.indexOf(lineFeed) + 1 : 0
    if (begun > 0) yield whole(Buffer.concat([...rest, chunk.subarray(0, begun)]))
    if (end > begun) yield whole(chunk.subarray(begun, end))
    if (end > 0) {
      rest = []
      restBytes = 0
    }
    if (end < chunk.byteLength) rest.push(chunk.subarray(end))
    restBytes += chunk.byteLength - end
    if (restBytes > longest) throw tooLong(context, part)
  }
  if (restBytes > 0) throw damaged(context, part, 'it ends within a line')
}

/** The most bytes that a line of a part may have, without its line feed. */
export function longestLineOf({ longestLine }: Part): number {
  return Math.min(longestLine, longestLineEver)
}

export function tooLong(context: ReadContext, part: Part) {
  return damaged(
    context,
    part,
    `it has a line longer than the ${longestLineOf(part)} bytes that its manifest allows`,
  )
}

function decoded(context: ReadContext, part: Part): AsyncIterable<Uint8Array> {
  const { backupId, signal } = context
  const { file, resource } = part
  let bytes: AsyncIterable<Uint8Array> = readStored(context, part)
  for (const id of part.codecs.toReversed())
    bytes = codecOf(context, part, id).decode(bytes, { backupId, file, resource, signal })
  return bytes
}
