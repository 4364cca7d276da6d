import { createHash } from 'node:crypto'
import { lineFeed } from './lines.js'
import { sha256 } from './sha256.js'

/** Content of one member where no codec says otherwise, in bytes. */
export const plainMemberBytes = 1024 * 1024

/**
 * A piece of a stored part that can be read, checked and decoded alone. Members follow one another without a gap, so
 * where the content of one begins is the sum of those before it.
 */
export interface Member {
  /** Where it begins in the stored part, and its stored size, in bytes. */
  readonly from: number
  readonly bytes: number
  /** Its decoded size in bytes. */
  readonly contentBytes: number
  /** SHA-256 of its stored bytes, in hex. */
  readonly sha256: string
  /** The id in the first line that begins in it, and where in its content that is; nothing if none does. */
  readonly first?: { readonly id: string; readonly at: number } | undefined
}

/** Notes which line is the first to begin in each member, while the lines of a part pass by. */
export interface FirstLines {
  /** Whole lines, each with its line feed. */
  add(lines: Uint8Array): void
  /** By the number of the member. */
  readonly found: readonly (Member['first'] | undefined)[]
}

/** @param memberBytes content of a member; infinite for a part that is one. */
export function firstLines(memberBytes: number): FirstLines {
  const found: (Member['first'] | undefined)[] = []
  let passed = 0
  return {
    found,
    add(lines) {
      const end = passed + lines.byteLength
      while (memberStart(found.length, memberBytes) < end) {
        const start = memberStart(found.length, memberBytes)
        const at = lineFrom(lines, Math.max(0, start - passed))
        const inMember = passed + at - start
        if (at >= lines.byteLength) break
        found.push(inMember < memberBytes ? { id: idAt(lines, at), at: inMember } : undefined)
      }
      passed = end
    },
  }
}

function memberStart(number: number, memberBytes: number): number {
  return number === 0 ? 0 : number * memberBytes
}

/** Where the first line at or after a place begins. */
function lineFrom(lines: Uint8Array, place: number): number {
  if (place === 0) return 0
  const feed = lines.indexOf(lineFeed, place - 1)
  return feed === -1 ? lines.byteLength : feed + 1
}

function idAt(lines: Uint8Array, at: number): string {
  const end = lines.indexOf(lineFeed, at)
  return idIn(JSON.parse(Buffer.from(lines.subarray(at, end)).toString('utf8')))
}

/** The id of a line: rows, raw forms and deletions are objects with an `id`, entries of the index begin with theirs. */
export function idIn(line: unknown): string {
  const id: unknown = Array.isArray(line) ? line[0] : Object(line).id
  return typeof id === 'string' ? id : ''
}

/** A stored member before it is known which line begins in it. */
export type StoredMember = Pick<Member, 'from' | 'bytes' | 'sha256'>

/** Hashes the members of a part while its stored bytes pass by. */
export interface MemberHashes {
  pass(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  readonly found: readonly StoredMember[]
}

/** Every chunk is a member: what a codec yields that makes members. */
export function chunkMembers(): MemberHashes {
  const found: StoredMember[] = []
  let from = 0
  return {
    found,
    async *pass(chunks) {
      for await (const chunk of chunks) {
        found.push({
          from,
          bytes: chunk.byteLength,
          sha256: sha256(chunk),
        })
        from += chunk.byteLength
        yield chunk
      }
    },
  }
}

/** Members of a fixed number of stored bytes; infinite for a part that is one member. */
export function sizedMembers(size: number): MemberHashes {
  const found: StoredMember[] = []
  let [from, filled] = [0, 0]
  let hash = createHash('sha256')
  const close = () => {
    found.push({ from, bytes: filled, sha256: hash.digest('hex') })
    from += filled
    filled = 0
    hash = createHash('sha256')
  }
  return {
    found,
    async *pass(chunks) {
      for await (const chunk of chunks) {
        for (let at = 0; at < chunk.byteLength; ) {
          const piece = chunk.subarray(at, at + size - filled)
          hash.update(piece)
          filled += piece.byteLength
          at += piece.byteLength
          if (filled === size) close()
        }
        yield chunk
      }
      if (filled > 0) close()
    },
  }
}
