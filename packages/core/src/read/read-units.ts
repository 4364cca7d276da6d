import { fileKey } from '../format/layout.js'
import type { Member } from '../format/members.js'
import { objectKindOf } from '../format/object-kind.js'
import { codecOf } from '../format/part-reader.js'
import { sha256 } from '../format/sha256.js'
import { damaged, type ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import { collect, once } from '../streams/bytes.js'
import type { Unit } from './units.js'

/** Members that are fetched with one request, at most. Each is 1 MiB of content. */
const membersAtOnce = 8

/**
 * The content of consecutive members, one by one. Each was compared with its SHA-256 before it was decoded. `eager`
 * fetches several with one request; without it each is fetched when it is requested. Throws `corrupt` naming the part
 * and its bytes.
 */
export async function* readMembers(
  context: ReadContext,
  units: readonly Unit[],
  eager: boolean,
): AsyncGenerator<Uint8Array> {
  const size = eager ? membersAtOnce : 1
  for (let at = 0; at < units.length; at += size) {
    const group = units.slice(at, at + size)
    yield* fetchGroup(context, group)
  }
}

async function* fetchGroup(context: ReadContext, group: readonly Unit[]): AsyncGenerator<Uint8Array> {
  const [first] = group
  if (first === undefined) return
  const { part } = first
  const members = group.flatMap(({ member }) => (member === undefined ? [] : [member]))
  const from = members[0]?.from ?? 0
  const length = members.reduce((sum, { bytes }) => sum + bytes, 0)
  const stored = await fetchBytes(context, part, { from, length })
  for (const member of members) {
    const bytes = stored.subarray(member.from - from, member.from - from + member.bytes)
    yield await decodeMember(context, part, member, bytes)
  }
}

async function fetchBytes(
  context: ReadContext,
  part: Part,
  { from, length }: { readonly from: number; readonly length: number },
): Promise<Uint8Array> {
  const { driver, directory, signal } = context
  const key = fileKey(directory, part.file)
  const call = { signal, kind: objectKindOf(part), offset: from, length }
  const bytes = await collect(driver.get(key, call), length, key)
  if (bytes.byteLength === length) return bytes
  throw damaged(context, part, `it ends within bytes ${from} to ${from + length - 1}`)
}

async function decodeMember(
  context: ReadContext,
  part: Part,
  member: Member,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const range = { from: member.from, to: member.from + member.bytes }
  if (sha256(bytes) !== member.sha256) {
    const why = `bytes ${range.from} to ${range.to - 1} differ from what was written`
    throw damaged(context, part, why, range)
  }
  let content: AsyncIterable<Uint8Array> = once(bytes)
  const { backupId, signal } = context
  for (const id of part.codecs)
    content = codecOf(context, part, id).decode(content, {
      backupId,
      file: part.file,
      resource: part.resource,
      signal,
    })
  const decoded = await collect(content, member.contentBytes, `${backupId}/${part.file}`)
  if (decoded.byteLength === member.contentBytes) return decoded
  throw damaged(context, part, `bytes ${range.from} to ${range.to - 1} decode to another size`, range)
}
