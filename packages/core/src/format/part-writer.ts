import type { Part } from '../manifest.js'
import type { Codec } from '../ports/codec.js'
import type { Driver } from '../ports/driver.js'
import { type Channel, channel } from '../streams/channel.js'
import type { PartKind } from './layout.js'
import { fileKey } from './layout.js'
import { type Lines, toLines } from './lines.js'
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
import type { PartMembers } from './offsets.js'

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

/** Writes lines of one kind of one resource into as many parts as it takes. */
export interface PartWriter {
  /** Resolves once the storage is ready for more. Rejects with the upload's error. */
  write(lines: readonly string[]): Promise<void>
  /** Resolves with the stored parts. With `atLeastOne`, a writer that got nothing stores an empty part. */
  close(options?: { readonly atLeastOne?: boolean | undefined }): Promise<Part[]>
  /** The members of the stored parts. Whole once the writer is closed. */
  readonly members: readonly PartMembers[]
  /** Stops the upload under way and waits until it has. */
  abort(error: unknown): Promise<void>
}

interface OpenPart {
  readonly content: Channel<Uint8Array>
  readonly stored: Promise<Part>
  readonly members: () => readonly Member[]
  readonly firstLines: FirstLines
  contentBytes: number
  records: number
  longestLine: number
}

export function partWriter(context: PartContext, resource: string, holds: PartKind): PartWriter {
  const parts: Part[] = []
  const members: PartMembers[] = []
  let open: OpenPart | undefined

  const closeOpen = async () => {
    if (open === undefined) return
    open.content.end()
    const part = await open.stored
    parts.push(part)
    members.push({ file: part.file, members: open.members() })
    open = undefined
  }

  return {
    members,
    async write(lines) {
      let rest = lines
      while (rest.length > 0) {
        const room = context.maxContentBytes - (open?.contentBytes ?? 0)
        const fitting = countFitting(rest, room)
        if (fitting === 0 && open !== undefined) {
          await closeOpen()
          continue
        }
        // A line that exceeds the size of a part gets a part of its own: lines are never split.
        const count = Math.max(1, fitting)
        open ??= openPart(context, resource, holds, parts.length + 1)
        await send(open, toLines(rest.slice(0, count)))
        rest = rest.slice(count)
      }
    },
    async close({ atLeastOne = false } = {}) {
      if (open === undefined && parts.length === 0 && atLeastOne) open = openPart(context, resource, holds, 1)
      await closeOpen()
      return parts
    },
    async abort(error) {
      open?.content.fail(error)
      await open?.stored.catch(() => undefined)
    },
  }
}

/** How many of the first lines, with their line feeds, fit into a number of bytes. */
function countFitting(lines: readonly string[], room: number): number {
  if (room === Number.POSITIVE_INFINITY) return lines.length
  let bytes = 0
  const tooMuch = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1
    return bytes > room
  })
  return tooMuch === -1 ? lines.length : tooMuch
}

async function send(part: OpenPart, lines: Lines): Promise<void> {
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

function openPart(context: PartContext, resource: string, holds: PartKind, number: number): OpenPart {
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
