import type { Part } from '../manifest.js'
import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import { type Channel, channel } from '../streams/channel.js'
import { fileKey, type PartKind } from './layout.js'
import type { Lines } from './lines.js'
import { blockBytes, measure } from './measure.js'
import {
  chunkMembers,
  type FirstLines,
  firstLines,
  type Member,
  plainMemberBytes,
  type StoredMember,
  sizedMembers,
} from './members.js'
import { kindOfHolds } from './object-kind.js'

/** Where parts go and how they are made; the same for every part of a backup. */
export interface PartContext {
  readonly driver: Driver
  readonly backupId: string
  /** The backup's directory, relative to the driver's root. */
  readonly directory: string
  readonly codecs: readonly Codec[]
  readonly nameOf: (resource: string, kind: PartKind, number: number, suffix: string) => string
  /** A part is closed and the next one begun once it holds this many bytes of content. */
  readonly maxContentBytes: number
  /** Called with each key before its first byte is written, so that a failure can remove it. */
  readonly onKey: (key: string) => void
  /** Told of stored bytes as they pass. */
  readonly onBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

/** A part under way: lines go into a channel, through the codecs and the hashes, into one `put`. */
export interface OpenPart {
  readonly content: Channel<Uint8Array>
  readonly stored: Promise<Part>
  readonly members: () => readonly Member[]
  readonly firstLines: FirstLines
  contentBytes: number
  records: number
  longestLine: number
}

/** Resolves once the part is ready for more. Rejects with the upload's error. */
export async function send(part: OpenPart, lines: Lines): Promise<void> {
  part.firstLines.add(lines.bytes)
  part.contentBytes += lines.bytes.byteLength
  part.records += lines.records
  part.longestLine = Math.max(part.longestLine, lines.longest)
  try {
    await part.content.send(lines.bytes)
  } catch (error) {
    // A failing driver first closes the body and then rejects with the reason, which is what counts.
    await part.stored
    throw error
  }
}

/** Begins the upload of a part. It ends with the channel of its content. */
export function openPart(context: PartContext, resource: string, holds: PartKind, number: number): OpenPart {
  const { driver, backupId, codecs, signal } = context
  const file = context.nameOf(resource, holds, number, codecs.map((codec) => codec.suffix).join(''))
  const key = fileKey(context.directory, file)
  const content = channel<Uint8Array>()
  const measured = measure()
  const shape = membersOf(codecs)
  const hashes = shape.isChunk ? chunkMembers() : sizedMembers(shape.storedBytes)

  let bytes: AsyncIterable<Uint8Array> = content
  for (const codec of codecs) bytes = codec.encode(bytes, { backupId, file, resource, signal })

  context.onKey(key)
  const store = async (): Promise<Part> => {
    try {
      const body = counted(measured.pass(hashes.pass(bytes)), context.onBytes)
      await driver.put(key, body, { signal, kind: kindOfHolds(holds) })
    } catch (error) {
      content.abandon(error)
      throw error
    }
    const { contentBytes, records, longestLine } = part
    const ids = codecs.map((codec) => codec.id)
    return {
      file,
      resource,
      holds,
      records,
      ...measured.result(),
      blocks: [...measured.result().blocks],
      blockBytes,
      contentBytes,
      longestLine,
      codecs: ids,
    }
  }
  const part: OpenPart = {
    content,
    stored: Promise.resolve().then(store),
    members: () => joinMembers(hashes.found, part, shape.contentBytes),
    firstLines: firstLines(shape.contentBytes),
    contentBytes: 0,
    records: 0,
    longestLine: 0,
  }
  // The writer gets the failure from `send` or `close`; until then it must not count as unhandled.
  part.stored.catch(() => undefined)
  return part
}

/** How a part is made of members: by the chunks of its only codec, by size if it has none, else it is one. */
function membersOf(codecs: readonly Codec[]) {
  const [only, another] = codecs
  if (only === undefined)
    return { isChunk: false, contentBytes: plainMemberBytes, storedBytes: plainMemberBytes }
  const whole = Number.POSITIVE_INFINITY
  if (another !== undefined || only.memberBytes === undefined)
    return { isChunk: false, contentBytes: whole, storedBytes: whole }
  return { isChunk: true, contentBytes: only.memberBytes, storedBytes: whole }
}

function joinMembers(stored: readonly StoredMember[], part: OpenPart, memberBytes: number): Member[] {
  return stored.map((member, number) => ({
    ...member,
    contentBytes:
      number < stored.length - 1
        ? memberBytes
        : part.contentBytes - number * (number === 0 ? 0 : memberBytes),
    first: part.firstLines.found[number],
  }))
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.byteLength)
    yield chunk
  }
}
