import { describe, expect, it } from 'vitest'
import { compression, compressionNames } from './compression.js'
import { codecsById } from './registry.js'

describe('compression', () => {
  it('knows the documented names', () => {
    expect([...compressionNames].sort()).toEqual(['brotli', 'deflate', 'gzip', 'none', 'zstd'])
    expect(compression('gzip')).toMatchObject({ id: 'gzip', suffix: '.gz' })
    expect(compression('brotli')).toMatchObject({ id: 'brotli', suffix: '.br' })
    expect(compression('deflate')).toMatchObject({ id: 'deflate', suffix: '.deflate' })
    expect(compression('zstd')).toMatchObject({ id: 'zstd', suffix: '.zst' })
  })

  it('is gzip for true and nothing for false and none', () => {
    expect(compression(true)?.id).toBe('gzip')
    expect(compression(false)).toBeUndefined()
    expect(compression('none')).toBeUndefined()
  })

  it.each(['gzp', '', 'constructor', '__proto__', 'toString', 7, null, undefined, {}, Object.create(null)])(
    'refuses %j',
    (name) => {
      const unchecked = compression as (name: unknown) => unknown
      expect(() => unchecked(name)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
    },
  )

  it('names the nearest spelling', () => {
    const unchecked = compression as (name: unknown) => unknown
    expect(() => unchecked('GZPI')).toThrow('did you mean "gzip"')
  })
})

it('every compression that is written can be read', () => {
  const known = codecsById()
  for (const name of compressionNames) {
    const codec = compression(name)
    if (codec !== undefined) expect(known.get(codec.id)?.suffix).toBe(codec.suffix)
  }
})
