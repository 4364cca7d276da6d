import type { Part } from '@s3db-backup/core'
import {
  codecOf,
  damaged,
  fromLines,
  limited,
  longestLineEver,
  nameOf,
  type ReadContext,
  readStored,
} from '@s3db-backup/core/internal'

/**
 * The lines of a part as texts, some at a time: each block compared with its hash, then decrypted and decompressed. Throws
 * `corrupt`, naming the part, for more or other lines than the manifest says.
 */
export async function* partTexts(context: ReadContext, part: Part): AsyncGenerator<readonly string[]> {
  const tooMuch = () => damaged(context, part, `it decodes to more than ${part.contentBytes} bytes`)
  const content = limited(decoded(context, part), part.contentBytes, tooMuch)
  let records = 0
  for await (const texts of fromLines(
    content,
    Math.min(part.longestLine, longestLineEver),
    nameOf(context, part),
  )) {
    yield texts
    records += texts.length
  }
  if (records !== part.records) throw damaged(context, part, `it has ${records} of ${part.records} records`)
}

function decoded(context: ReadContext, part: Part): AsyncIterable<Uint8Array> {
  const { backupId, signal } = context
  const { file, resource } = part
  let bytes: AsyncIterable<Uint8Array> = readStored(context, part)
  for (const id of part.codecs.toReversed())
    bytes = codecOf(context, part, id).decode(bytes, { backupId, file, resource, signal })
  return bytes
}
