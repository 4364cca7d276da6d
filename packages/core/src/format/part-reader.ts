import { BackupError } from '../errors.js'
import type { Part } from '../manifest.js'
import type { Codec } from '../ports/codec.js'
import { parseJsonText } from './json-text.js'
import { fromLines, longestLineEver } from './lines.js'
import { type MemberCheck, memberCheck } from './member-check.js'
import { idIn, type Member } from './members.js'
import { damaged, limited, nameOf, type ReadContext, readStored } from './stored-part.js'

/** The lines of a part, a batch at a time, parsed. Throws `corrupt` unless there are as many as recorded. */
export async function* readLines(context: ReadContext, part: Part): AsyncGenerator<unknown[]> {
  for await (const { texts, number } of readTexts(context, part)) {
    yield texts.map((text, index) => parseLine(text, number + index, context, part))
  }
}

/** A line as stored, and its value. */
export interface TextLine {
  readonly text: string
  readonly value: unknown
}

/**
 * Like {@link readLines}, with the text of each line: for what is computed from the stored bytes. Given the members that
 * the backup's offsets name, these are compared with the part.
 */
export async function* readTextLines(
  context: ReadContext,
  part: Part,
  members?: readonly Member[],
): AsyncGenerator<TextLine[]> {
  const check = members === undefined ? undefined : memberCheck(context, part, members)
  for await (const { texts, number } of readTexts(context, part, check)) {
    const lines = texts.map((text, index) => ({
      text,
      value: parseLine(text, number + index, context, part),
    }))
    check?.lines(
      lines.map(({ value }) => idIn(value)),
      texts,
    )
    yield lines
  }
}

/** Like {@link readLines}, and hands each line on at once: for checks that keep nothing. */
export async function checkLines(
  context: ReadContext,
  part: Part,
  check: (line: unknown) => void,
): Promise<void> {
  for await (const { texts, number } of readTexts(context, part)) {
    for (const [index, text] of texts.entries()) check(parseLine(text, number + index, context, part))
  }
}

/** Lines as they were written, and the number of the first, from 1. */
interface Texts {
  readonly texts: readonly string[]
  readonly number: number
}

async function* readTexts(context: ReadContext, part: Part, check?: MemberCheck): AsyncGenerator<Texts> {
  const content = readContent(context, part, check)
  const longest = Math.min(part.longestLine, longestLineEver)
  let records = 0
  for await (const texts of fromLines(content, longest, nameOf(context, part))) {
    yield { texts, number: records + 1 }
    records += texts.length
  }
  if (records !== part.records) throw damaged(context, part, `it has ${records} of ${part.records} records`)
}

/** The content of a part as it was written. Throws `corrupt` for more than the manifest says. */
export function readContent(
  context: ReadContext,
  part: Part,
  check?: MemberCheck,
): AsyncIterable<Uint8Array> {
  const tooMuch = () => damaged(context, part, `it decodes to more than ${part.contentBytes} bytes`)
  return limited(decode(context, part, check), part.contentBytes, tooMuch)
}

/** The content of a part: verified, decrypted, decompressed. */
function decode(context: ReadContext, part: Part, check?: MemberCheck): AsyncIterable<Uint8Array> {
  let bytes: AsyncIterable<Uint8Array> = readStored(context, part)
  if (check !== undefined) bytes = check.stored(bytes)
  for (const id of part.codecs.toReversed()) {
    const { backupId, signal } = context
    bytes = codecOf(context, part, id).decode(bytes, {
      backupId,
      file: part.file,
      resource: part.resource,
      signal,
    })
  }
  return bytes
}

export function codecOf(context: ReadContext, part: Part, id: string): Codec {
  const codec = context.codecs.get(id)
  if (codec !== undefined) return codec
  throw new BackupError('unsupported', `${nameOf(context, part)} is encoded with the unknown codec "${id}"`, {
    operation: 'download',
    suggestion: `Give the codec "${id}" in the option \`codecs\`; known are ${[...context.codecs.keys()].join(', ')}.`,
    metadata: { backupId: context.backupId, file: part.file, codec: id },
  })
}

/** Throws `unsupported` unless every codec that the parts name is at hand, before anything is read or written. */
export function checkCodecs(context: ReadContext, parts: readonly Part[]): void {
  for (const part of parts) for (const id of part.codecs) codecOf(context, part, id)
}

function parseLine(line: string, number: number, context: ReadContext, part: Part): unknown {
  try {
    return parseJsonText(line)
  } catch (cause) {
    throw damaged(context, part, `line ${number} is not JSON`, { line: number }, cause)
  }
}
