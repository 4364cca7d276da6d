import * as zlib from 'node:zlib'
import { BackupError } from '../errors.js'
import type { Codec } from '../ports/codec.js'
import { zlibChunkSize as chunkSize, throughTransform, type ZlibStream } from '../streams/zlib.js'
import { readingCompressed } from './damaged.js'
import { checkLevel } from './level.js'
import { zstdFrames } from './zstd-frames.js'

/** zlib's deflate (RFC 1950). */
export function deflate(options: { readonly level?: number | undefined } = {}): Codec {
  const level = checkLevel('deflate', options.level ?? 6, 0, 9)
  return streamCodec(
    'deflate',
    '.deflate',
    () => zlib.createDeflate({ level, chunkSize }),
    (bytes, signal) => throughTransform(bytes, zlib.createInflate({ chunkSize }), signal),
  )
}

/**
 * Brotli (RFC 7932).
 *
 * @param options.level 0 to 11; 5 if left out, because Brotli's own 11 is far slower than any network.
 */
export function brotli(options: { readonly level?: number | undefined } = {}): Codec {
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: checkLevel('brotli', options.level ?? 5, 0, 11) }
  return streamCodec(
    'brotli',
    '.br',
    () => zlib.createBrotliCompress({ params, chunkSize }),
    (bytes, signal) => throughTransform(bytes, zlib.createBrotliDecompress({ chunkSize }), signal),
  )
}

/**
 * Zstandard (RFC 8878). Throws `unsupported` where the runtime lacks it (Node has it since 22.15 and 23.8).
 *
 * @param options.level 1 to 22; 3 if left out.
 */
export function zstd(options: { readonly level?: number | undefined } = {}): Codec {
  if (typeof zlib.createZstdCompress !== 'function') {
    throw new BackupError('unsupported', `Node ${process.versions.node} has no zstd`, {
      operation: 'validateConfig',
      suggestion: 'Use Node 22.15 or newer, or compression: "gzip".',
    })
  }
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: checkLevel('zstd', options.level ?? 3, 1, 22) }
  return streamCodec('zstd', '.zst', () => zlib.createZstdCompress({ params, chunkSize }), unzstd)
}

/** Decodes whole frames. A stream that is cut is an error, whatever the runtime's decoder makes of it. */
async function* unzstd(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const frames = zstdFrames()
  const followed = async function* () {
    for await (const piece of bytes) {
      frames.add(piece)
      yield piece
    }
  }
  yield* throughTransform(followed(), zlib.createZstdDecompress({ chunkSize }), signal)
  if (!frames.isWhole())
    throw Object.assign(new Error('unexpected end of file'), { code: 'ZSTD_error_srcSize_wrong' })
}

function streamCodec(
  id: string,
  suffix: string,
  compressor: () => ZlibStream,
  decompress: (bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Codec {
  return {
    id,
    suffix,
    encode: (bytes, { signal }) => throughTransform(bytes, compressor(), signal),
    decode: (bytes, context) => readingCompressed(id, context, decompress(bytes, context.signal)),
  }
}
