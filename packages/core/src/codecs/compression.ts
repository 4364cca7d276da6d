import { BackupError } from '../errors.js'
import { nearest } from '../nearest.js'
import type { Codec } from '../ports/codec.js'
import { gzip } from './gzip.js'
import { brotli, deflate, zstd } from './stream-codecs.js'

const byName = { gzip, deflate, brotli, zstd } as const

/** The documented names of compressions. `true` is the default, gzip; `false` and `'none'` are no compression. */
export type Compression = 'gzip' | 'deflate' | 'brotli' | 'zstd' | 'none' | boolean

/** Every name that {@link compression} takes. */
export const compressionNames = ['none', ...(Object.keys(byName) as (keyof typeof byName)[])] as const

/**
 * The codec of a documented compression name; `undefined` for no compression. Throws `invalid_options` for an unknown
 * name, `unsupported` for zstd on a runtime without it.
 */
export function compression(name: Compression): Codec | undefined {
  if (name === false || name === 'none') return undefined
  if (name === true) return gzip()
  if (typeof name === 'string' && Object.hasOwn(byName, name)) return byName[name]()
  throw new BackupError(
    'invalid_options',
    `Invalid compression type: ${JSON.stringify(name)}${nearest(name, compressionNames)}`,
    {
      operation: 'validateConfig',
      suggestion: `Use one of ${compressionNames.join(', ')}.`,
      metadata: { compression: name },
    },
  )
}
