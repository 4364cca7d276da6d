import { BackupError } from '../errors.js'

/** Lines of JSON, ready to be stored, with what the manifest says about them. */
export interface Lines {
  readonly bytes: Uint8Array
  readonly records: number
  /** Bytes of the longest line, without its line feed. */
  readonly longest: number
}

/** The longest line that is written or read, in bytes: V8's own strings end at about 512 MiB. */
export const longestLineEver = 256 * 1024 * 1024

/**
 * One JSON value a line (https://jsonlines.org), each ended by a line feed. Throws `unsupported` for a line
 * of more than `limit` bytes: it could be stored, but not read again.
 */
export function toLines(texts: readonly string[], limit = longestLineEver): Lines {
  let longest = 0
  let total = 0
  for (const text of texts) {
    longest = Math.max(longest, Buffer.byteLength(text))
    total += text.length + 1
  }
  if (longest > limit) {
    throw new BackupError('unsupported', `A record takes ${longest} bytes; at most ${limit} can be backed up`)
  }
  return {
    bytes: total <= longestText ? Buffer.from(endLines(texts)) : pieces(texts),
    records: texts.length,
    longest,
  }
}

/** Texts are joined up to this length: the runtime's own end at about 2^29 characters. */
const longestText = 2 ** 27

function endLines(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `${texts.join('\n')}\n`
}

/** Large lines are made into bytes one by one: together they may be longer than a text can be. */
function pieces(texts: readonly string[]): Uint8Array {
  return Buffer.concat(texts.map((text) => Buffer.from(endLines([text]))))
}

export const lineFeed = 0x0a

/**
 * Cuts bytes into lines, a batch of them at a time. Lines are cut on the byte 0x0A before anything is decoded:
 * a character may lie across two chunks, and U+2028 does not end a line.
 *
 * Throws `corrupt` for a line longer than `longest` bytes, for an unfinished last line and for bytes that are
 * not UTF-8.
 */
export async function* fromLines(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
  what: string,
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const whole of wholeLines(chunks, longest, what)) {
    const lines = decode(decoder, whole.subarray(0, -1), what).split('\n')
    for (const line of lines) {
      if (isLonger(line, longest)) throw tooLong(what, longest)
    }
    yield lines
  }
}

/**
 * The same bytes in pieces that end with a line feed. Throws `corrupt` for an unfinished last line, and for one across
 * pieces that is longer than `longest` bytes.
 */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
  what: string,
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed) + 1
    if (end > 0) {
      const whole = chunk.subarray(0, end)
      yield rest.length === 0 ? whole : Buffer.concat([...rest, whole])
      rest = []
      restBytes = 0
    }
    if (end < chunk.byteLength) rest.push(chunk.subarray(end))
    restBytes += chunk.byteLength - end
    if (restBytes > longest) throw tooLong(what, longest)
  }
  if (restBytes > 0) throw new BackupError('corrupt', `${what} ends within a line`, { operation: 'download' })
}

/** Whether the line is longer than a number of bytes. UTF-8 takes one to three bytes for each UTF-16 unit. */
function isLonger(line: string, bytes: number): boolean {
  return line.length > bytes || (line.length * 3 > bytes && Buffer.byteLength(line) > bytes)
}

function decode(decoder: { decode(bytes: Uint8Array): string }, bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new BackupError('corrupt', `${what} is not UTF-8`, { operation: 'download', cause })
  }
}

function tooLong(what: string, longest: number): BackupError {
  return new BackupError(
    'corrupt',
    `${what} has a line longer than the ${longest} bytes that its manifest allows`,
    {
      operation: 'download',
    },
  )
}
