import type { Member } from '../format/members.js'
import { sha256 } from '../format/sha256.js'
import type { Piece } from './piece.js'
import type { StoredBlock } from './stored-blocks.js'

/** The members of an uncompressed part that have their hash: they are smaller than blocks, so damage costs less. */
export async function* plainMembers(
  blocks: AsyncIterable<StoredBlock>,
  members: readonly Member[],
): AsyncGenerator<Piece> {
  let [next, held, filled]: [number, Uint8Array[], number] = [0, [], 0]
  for await (const { bytes } of blocks) {
    for (let at = 0; at < bytes.byteLength; ) {
      const member = members[next]
      if (member === undefined) return
      const some = bytes.subarray(at, at + member.bytes - filled)
      held.push(some)
      filled += some.byteLength
      at += some.byteLength
      if (filled < member.bytes) continue
      const content = Buffer.concat(held)
      if (sha256(content) === member.sha256)
        yield { from: member.from, to: member.from + member.bytes, content, proof: 'sha256' }
      next += 1
      held = []
      filled = 0
    }
  }
}
