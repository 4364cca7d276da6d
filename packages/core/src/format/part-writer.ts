import type { Part } from '../manifest.js'
import type { PartKind } from './layout.js'
import { toLines } from './lines.js'
import type { PartMembers } from './offsets.js'
import { type OpenPart, openPart, type PartContext, send } from './open-part.js'

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
