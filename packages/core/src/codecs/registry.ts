import * as zlib from 'node:zlib'
import type { Codec } from '../ports/codec.js'
import { gzip } from './gzip.js'
import { brotli, deflate, zstd } from './stream-codecs.js'

/** Every compression that this runtime has. */
const builtIn = [
  gzip(),
  deflate(),
  brotli(),
  ...(typeof zlib.createZstdDecompress === 'function' ? [zstd()] : []),
]

/** Codecs to read with, by id: the built-in ones, and those given besides. */
export function codecsById(more: readonly Codec[] = []): ReadonlyMap<string, Codec> {
  return new Map([...builtIn, ...more].map((codec) => [codec.id, codec]))
}
