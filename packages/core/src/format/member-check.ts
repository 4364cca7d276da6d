import { createHash } from 'node:crypto'
import type { BackupError } from '../errors.js'
import type { Part } from '../manifest.js'
import type { Member } from './members.js'
import { damaged, type ReadContext } from './stored-part.js'

/** Compares the members that a backup's offsets name with the part itself, while that is read from its first byte on. */
export interface MemberCheck {
  /** The stored bytes as they pass. Throws `corrupt` for a member with another hash. */
  stored(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** The lines as they pass. Throws `corrupt` for a member in which another line is the first. */
  lines(ids: readonly string[], texts: readonly string[]): void
}

/** Throws `corrupt` for members that do not fit together. */
export function memberCheck(context: ReadContext, part: Part, members: readonly Member[]): MemberCheck {
  checkMembers(context, part, members)
  const wrong = (what: string) => damaged(context, part, `its offsets are wrong: ${what}`)
  let next = 0
  let [begin, passed] = [0, 0]

  /** A line begins at a place: it is the first line of its member, unless the member has one. */
  const begins = (place: number, id: string) => {
    for (let member = members[next]; member !== undefined && place >= begin; member = members[next]) {
      const isFirst = place < begin + member.contentBytes
      const first = isFirst ? { id, at: place - begin } : undefined
      if (member.first?.id !== first?.id || member.first?.at !== first?.at)
        throw wrong(`the first line of the member at byte ${member.from} differs`)
      begin += member.contentBytes
      next += 1
      if (isFirst) return
    }
  }

  return {
    async *stored(bytes) {
      let [at, filled] = [0, 0]
      let hash = createHash('sha256')
      for await (const chunk of bytes) {
        for (let from = 0; from < chunk.byteLength; ) {
          const member = members[at]
          if (member === undefined) break
          const piece = chunk.subarray(from, from + member.bytes - filled)
          hash.update(piece)
          filled += piece.byteLength
          from += piece.byteLength
          if (filled < member.bytes) continue
          if (hash.digest('hex') !== member.sha256)
            throw wrong(`the hash of the member at byte ${member.from} differs`)
          hash = createHash('sha256')
          filled = 0
          at += 1
        }
        yield chunk
      }
    },
    lines(ids, texts) {
      for (const [index, text] of texts.entries()) {
        begins(passed, ids[index] ?? '')
        passed += Buffer.byteLength(text) + 1
      }
    },
  }
}

/**
 * Throws `corrupt` unless the members are those of the part: side by side, from its first byte to its last, with as much
 * content as it has.
 */
export function checkMembers(context: ReadContext, part: Part, members: readonly Member[]): void {
  let [bytes, contentBytes] = [0, 0]
  for (const member of members) {
    if (member.from !== bytes) throw notItsMembers(context, part)
    bytes += member.bytes
    contentBytes += member.contentBytes
  }
  if (bytes !== part.bytes || contentBytes !== part.contentBytes) throw notItsMembers(context, part)
}

function notItsMembers(context: ReadContext, part: Part): BackupError {
  return damaged(context, part, 'the offsets of its members do not fit together')
}
