import type { Part } from '../manifest.js'
import type { Member } from './members.js'
import { readLines } from './part-reader.js'
import { damaged, type ReadContext } from './stored-part.js'

/** The content of a part that cannot be entered in the middle, at most, in bytes: one record then costs one such part. */
export const wholePartBytes = 16 * 1024 * 1024

/** The members of a part. */
export interface PartMembers {
  readonly file: string
  readonly members: readonly Member[]
}

/** The lines of an offsets part: one for each member of each part of a resource. */
export function offsetsLines(parts: readonly PartMembers[]): string[] {
  return parts.flatMap(({ file, members }) =>
    members.map(({ from, bytes, contentBytes, sha256, first }) =>
      JSON.stringify([file, from, bytes, contentBytes, sha256, first?.id ?? null, first?.at ?? null]),
    ),
  )
}

/** Whether knowing the members spares a reader anything: some kind has more than one. */
export function isWorthOffsets(parts: readonly (readonly PartMembers[])[]): boolean {
  return parts.some((ofKind) => ofKind.reduce((sum, { members }) => sum + members.length, 0) > 1)
}

/** The members of the parts of a resource, by file, from its offsets parts. Throws `corrupt` for an invalid line. */
export async function readOffsets(
  context: ReadContext,
  offsets: readonly Part[],
): Promise<ReadonlyMap<string, readonly Member[]>> {
  const found = new Map<string, Member[]>()
  // As with every optional kind: a reader ignores what it cannot decode.
  if (offsets.some(({ codecs }) => codecs.some((id) => !context.codecs.has(id)))) return found
  for (const part of offsets)
    for await (const lines of readLines(context, part))
      for (const line of lines) {
        const { file, member } = toMember(line, context, part)
        const before = found.get(file)
        if (before === undefined) found.set(file, [member])
        else before.push(member)
      }
  return found
}

/** There is a line for every MiB of content, so its shape is looked at by hand. */
function toMember(line: unknown, context: ReadContext, part: Part): { file: string; member: Member } {
  if (Array.isArray(line)) {
    const [file, from, bytes, contentBytes, sha256, id, at]: unknown[] = line
    if (
      typeof file === 'string' &&
      isSize(from) &&
      isSize(bytes) &&
      isSize(contentBytes) &&
      typeof sha256 === 'string'
    ) {
      const sizes = { from, bytes, contentBytes, sha256 }
      if (typeof id === 'string' && isSize(at)) return { file, member: { ...sizes, first: { id, at } } }
      if (id === null && at === null) return { file, member: sizes }
    }
  }
  throw damaged(context, part, 'a line does not say where a member lies')
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
