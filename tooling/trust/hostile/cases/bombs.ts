import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { byProfile } from '../../record.ts'
import { type Fields, forge } from '../forge.ts'
import { type HostileCase, nextId } from '../hostile-case.ts'

/** Many megabytes that take a few kilobytes. */
const size = byProfile({ short: 8, long: 64 }) * 1024 * 1024

const compressors: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  brotli: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
}

const bomb = (
  codec: string,
  name: string,
  stored: Uint8Array,
  codecs: readonly string[],
  says: Fields,
): HostileCase => {
  const id = nextId()
  const parts = [{ file: `users.jsonl.${codec}`, stored, codecs, says }]
  const objects = forge({ id, parts, resources: { users: { ordered: false } } })
  return { name: `a bomb of ${codec} ${name}`, id, objects, restore: 'corrupt' }
}

/** Each in one long line and in many empty ones, said to be small and said to be as large as it is, and larger. */
export const bombCases: readonly HostileCase[] = Object.entries(compressors).flatMap(([codec, compress]) => {
  const line = compress(Buffer.alloc(size, 'a'))
  const lines = compress(Buffer.alloc(size, '\n'))
  const twice = compress(line)
  const small = { contentBytes: 100, longestLine: 99, records: 1 }
  const honest = { contentBytes: size, longestLine: size, records: 1 }
  const large = { contentBytes: 2 ** 50, longestLine: 2 ** 50, records: 2 ** 50 }
  return [
    bomb(codec, 'in one line, said to be small', line, [codec], small),
    bomb(codec, 'in one line, with its size', line, [codec], honest),
    bomb(codec, 'in one line, said to be huge', line, [codec], large),
    bomb(codec, 'in empty lines, said to be small', lines, [codec], small),
    bomb(codec, 'in empty lines, said to be huge', lines, [codec], large),
    bomb(codec, 'in a bomb', twice, [codec, codec], small),
    bomb(
      codec,
      'under forty codecs',
      line,
      Array.from({ length: 40 }, () => codec),
      honest,
    ),
  ]
})
