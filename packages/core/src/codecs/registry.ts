import * as zlib from 'node:zlib'
import type { Codec } from '../ports/codec.js'
import { gzip } from './gzip.js'
import { brotli, deflate, zstd } from './stream-codecs.js'

/** Codecs to read with, by id: every compression that this runtime has, and those given besides. */
export function codecsById(more: readonly Codec[] = []): ReadonlyMap<string, Codec> {
  const builtIn = [
    gzip(),
    deflate(),
    brotli(),
    ...(typeof zlib.createZstdDecompress === 'function' ? [zstd()] : []),
  ]
  return new Map([...builtIn, ...more].map((codec) => [codec.id, codec]))
}
