import { isBackupError } from '../errors.js'
import type { Member } from '../format/members.js'
import { codecOf } from '../format/part-reader.js'
import type { ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import type { Codec, CodecContext } from '../ports/codec.js'
import type { BackupCipher } from '../ports/encryption.js'
import { gzipMembers } from './gzip-members.js'
import type { Piece } from './piece.js'
import { plainMembers } from './plain-members.js'
import { type StoredBlock, storedBlocks } from './stored-blocks.js'

/**
 * The pieces of a part that are proven intact, in order. Everything between them is lost. If the part's members are
 * known, their hashes prove more than those of its blocks, which are larger.
 */
export function pieces(context: ReadContext, part: Part, members: readonly Member[]): AsyncIterable<Piece> {
  const codecs = part.codecs.map((id) => codecOf(context, part, id))
  const blocks = storedBlocks(context, part)
  if (codecs.length === 0) return members.length > 0 ? plainMembers(blocks, members) : plainPieces(blocks)
  if (codecs.length === 1 && codecs[0]?.id === 'gzip')
    return gzipMembers(blocks, new Set(members.map(({ sha256 }) => sha256)))
  return piecesBeforeDamage(blocks, codecs, {
    backupId: context.backupId,
    file: part.file,
    resource: part.resource,
    signal: context.signal,
  })
}

async function* plainPieces(blocks: AsyncIterable<StoredBlock>): AsyncGenerator<Piece> {
  for await (const { from, bytes, intact } of blocks)
    if (intact) yield { from, to: from + bytes.byteLength, content: bytes, proof: 'sha256' }
}

/** Most encodings cannot be entered in the middle: all that decodes before the first damage. */
async function* piecesBeforeDamage(
  blocks: AsyncIterable<StoredBlock>,
  codecs: readonly Codec[],
  context: CodecContext,
): AsyncGenerator<Piece> {
  const progress = { to: 0 }
  const outer = codecs.at(-1)
  const encrypted = outer !== undefined && isCipher(outer)
  // Encrypted frames authenticate themselves, so they are also read from partly damaged blocks.
  let bytes: AsyncIterable<Uint8Array> = bytesOf(blocks, progress, encrypted)
  for (const codec of codecs.toReversed()) bytes = untilDamage(codec.decode(bytes, context), progress)
  const proof = encrypted ? 'authenticated' : 'sha256'
  let from = 0
  for await (const content of bytes) {
    yield { from, to: progress.to, content, proof }
    from = progress.to
  }
  // The end of the intact bytes is known only after the last of them.
  if (progress.to > from) yield { from, to: progress.to, content: new Uint8Array(0), proof }
}

async function* bytesOf(
  blocks: AsyncIterable<StoredBlock>,
  progress: { to: number },
  damagedToo: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const { from, bytes, intact } of blocks) {
    if (!intact && !damagedToo) return
    yield bytes
    progress.to = from + bytes.byteLength
  }
}

/** Ends where damage begins, so that what was decoded before it gets out. */
async function* untilDamage(
  bytes: AsyncIterable<Uint8Array>,
  progress: { to: number },
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } catch (error) {
    if (!isBackupError(error, 'corrupt')) throw error
    const { from } = error.metadata
    if (typeof from === 'number') progress.to = from
  }
}

function isCipher(codec: Codec): codec is BackupCipher {
  return 'isAuthentic' in codec
}
