import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sized } from '../../../../../tooling/test/sized.ts'
import { aManifest, aPart, aResource } from '../../../test/manifests.js'
import type { Manifest } from '../../manifest.js'
import { looksLikeManifest, openManifest, sealManifest } from './manifest-file.js'

const open = (bytes: Uint8Array) => openManifest(bytes, 'a/s3db.json').manifest

/** Seals anything, as a hostile or broken writer would: its checksum is right. */
function sealAnything(json: unknown): Buffer {
  const body = JSON.stringify(json, null, 2).slice(0, -2)
  const checksum = createHash('sha256').update(body).digest('hex')
  return Buffer.from(`${body},\n  "checksum": "${checksum}"\n}\n`)
}

const refused = (code: string) => expect.objectContaining({ name: 'BackupError', code })

describe('a manifest file', () => {
  it('reads as it was written', () => {
    const manifest = aManifest({ metadata: { note: 'Zoë \u2028 😀', deep: { '': [null, 1.5, '\ud800'] } } })
    const { bytes, checksum } = sealManifest(manifest)
    expect(openManifest(bytes, 'a/s3db.json')).toEqual({ manifest, checksum })
  })

  it('is plain JSON, and ends with the SHA-256 of everything before', () => {
    const { bytes, checksum } = sealManifest(aManifest())
    expect(JSON.parse(String(bytes))).toEqual({ ...aManifest(), checksum })
    const body = String(bytes).slice(0, String(bytes).lastIndexOf(',\n  "checksum"'))
    expect(createHash('sha256').update(body).digest('hex')).toBe(checksum)
  })

  it('is refused when any of its bytes is altered', () => {
    const { bytes } = sealManifest(aManifest())
    for (let at = 0; at < bytes.byteLength; at++) {
      for (const mask of [1 << (at % 8), 0xff]) {
        const altered = Buffer.from(bytes)
        altered[at]! ^= mask
        expect(() => open(altered), `byte ${at}`).toThrow(refused('corrupt'))
      }
    }
  })

  it('is refused when it is truncated anywhere', () => {
    const { bytes } = sealManifest(aManifest())
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(() => open(bytes.subarray(0, length)), `cut to ${length}`).toThrow(refused('corrupt'))
    }
  })

  it('is refused when anything follows it', () => {
    const { bytes } = sealManifest(aManifest())
    for (const tail of ['\n', ' ', '\0', '{}']) {
      expect(() => open(Buffer.concat([bytes, Buffer.from(tail)]))).toThrow(refused('corrupt'))
    }
  })

  it('is recognised as ours even if any one of its bytes is wrong, or its end is missing', () => {
    const { bytes } = sealManifest(aManifest())
    for (let at = 0; at < bytes.byteLength; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 0x01
      expect(looksLikeManifest(flipped), `byte ${at}`).toBe(true)
      expect(looksLikeManifest(bytes.subarray(0, at)), `cut to ${at}`).toBe(true)
    }
  })

  it.each(['{}', '{"version":"1","resources":{}}', '[]', 'null', '"s3db"'])(
    '%s is not recognised as ours',
    (text) => {
      expect(looksLikeManifest(Buffer.from(text))).toBe(false)
    },
  )
})

describe('a manifest of another format', () => {
  it('that is newer is refused with advice', () => {
    for (const format of ['s3db-backup/2', 's3db-backup/17']) {
      expect(() => open(sealAnything({ ...aManifest(), format }))).toThrow(
        expect.objectContaining({
          code: 'incompatible_format',
          message: `a/s3db.json has the format ${format}; this version reads up to s3db-backup/1`,
          suggestion: expect.stringContaining('Update'),
        }),
      )
    }
  })

  it('that is newer and ends differently is refused in the same way', () => {
    const newer = Buffer.from('{"format":"s3db-backup/2","signature":"xyz"}')
    expect(() => open(newer)).toThrow(refused('incompatible_format'))
  })

  it.each([
    's3db-backup/0',
    's3db-backup/',
    's3db-backup/01',
    's3db-backup/1.5',
    'S3DB-BACKUP/1',
    'x',
    1,
    null,
  ])('that is called %j is corrupt', (format) => {
    expect(() => open(sealAnything({ ...aManifest(), format }))).toThrow(refused('corrupt'))
  })
})

describe('fields that a reader does not know', () => {
  it('are kept wherever they are', () => {
    const part = { ...aPart('users.jsonl.gz'), tier: 'cold' }
    const users = { ...aResource('users'), owner: 'ops' }
    const writer = { name: 'test', version: '0', build: 7 }
    const manifest = {
      ...aManifest({ parts: [part], resources: { users }, writer }),
      future: { deep: [1, { a: 2 }] },
    }
    expect(open(sealAnything(manifest))).toEqual(manifest)
  })

  it('are kept in objects that core passes through, even as __proto__', () => {
    const odd = JSON.parse('{"__proto__":{"x":1},"constructor":2,"toString":3}') as Manifest['metadata']
    const manifest = aManifest({
      metadata: odd,
      database: odd,
      resources: {
        users: aResource('users', { attributes: odd, partitions: odd, definition: odd, cursor: odd }),
      },
    })
    const read = open(sealManifest(manifest).bytes)
    const { attributes, partitions, definition, cursor } = read.resources.users!
    for (const kept of [read.metadata, read.database, attributes, partitions, definition, cursor]) {
      expect(JSON.stringify(kept)).toBe(JSON.stringify(odd))
    }
  })
})

describe('a manifest that would do harm is refused:', () => {
  const withPart = (more: object) => ({ ...aManifest(), parts: [{ ...aPart('users.jsonl.gz'), ...more }] })
  const withResource = (more: object) => ({
    ...aManifest(),
    resources: { users: { ...aResource('users'), ...more } },
  })
  const files = ['../x', '..', '.', '/etc/passwd', 'a/b', 'a\\b', '..\\x', 'a\0', 'a\nb', '', 'x'.repeat(256)]

  it.each(files)('the file name %j', (file) => {
    expect(() => open(sealAnything(withPart({ file })))).toThrow(refused('corrupt'))
    expect(() => open(sealAnything(withResource({ exportFile: file })))).toThrow(refused('corrupt'))
  })

  it.each<[string, object]>([
    ['a negative size', withPart({ bytes: -1 })],
    ['half a byte', withPart({ bytes: 0.5 })],
    ['a size beyond 2^53', withPart({ bytes: 2 ** 60 })],
    ['a size of 1e400', withPart({ bytes: '1e400' })],
    ['blocks of nothing', withPart({ blockBytes: 0 })],
    ['a hash that is none', withPart({ sha256: 'x' })],
    ['a line count that is a text', withPart({ records: '1' })],
    ['codecs that are no list', withPart({ codecs: 'gzip' })],
    ['two parts of one file', { ...aManifest(), parts: [aPart('a'), aPart('a')] }],
    ['no parts', { ...aManifest(), parts: undefined }],
    ['a resource under another name', { ...aManifest(), resources: { users: aResource('orders') } }],
    ['a resource without a name', { ...aManifest(), resources: { '': aResource('') } }],
    ['a resource called __proto__', { ...aManifest(), resources: JSON.parse('{"__proto__":{}}') }],
    ['an internal resource called __proto__', { ...aManifest(), internal: JSON.parse('{"__proto__":{}}') }],
    ['resources in a list', { ...aManifest(), resources: [] }],
    ['a time that is none', { ...aManifest(), exportedAt: 'yesterday' }],
    ['a status of its own', { ...aManifest(), status: 'fine' }],
    ['metadata that is a text', { ...aManifest(), metadata: 'x' }],
  ])('%s', (_, json) => {
    expect(() => open(sealAnything(json))).toThrow(refused('corrupt'))
  })

  it.each(['null', '[]', '1', '"x"', ''])('the JSON value %s instead of an object', (text) => {
    expect(() => open(Buffer.from(text))).toThrow(refused('corrupt'))
  })

  it('bytes that are not UTF-8', () => {
    const { bytes } = sealManifest(aManifest({ metadata: { note: 'x' } }))
    const broken = Buffer.from(bytes)
    broken[broken.indexOf('"x"') + 1] = 0xff
    expect(() => open(broken)).toThrow(refused('corrupt'))
  })

  it('a byte order mark before it', () => {
    const { bytes } = sealManifest(aManifest())
    const body = Buffer.concat([Buffer.from('\ufeff'), bytes.subarray(0, -85)])
    const checksum = createHash('sha256').update(body).digest('hex')
    const marked = Buffer.concat([body, Buffer.from(`,\n  "checksum": "${checksum}"\n}\n`)])
    expect(() => open(marked)).toThrow(refused('corrupt'))
  })

  it('anything at all, without an error of another kind', () => {
    const law = fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(() => open(Buffer.from(text))).toThrow(refused('corrupt'))
    })
    fc.assert(law)
  })
})

describe('large manifests', () => {
  it('may nest deeply in objects that core passes through', () => {
    const depth = 3000
    const deep = JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as Manifest['metadata']
    const { bytes } = sealManifest(aManifest({ metadata: deep }))
    expect(JSON.stringify(open(bytes).metadata)).toBe(JSON.stringify(deep))
  })

  it('that nest excessively are corrupt, not a crash', () => {
    const bottomless = Buffer.from(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`)
    expect(() => open(bottomless)).toThrow(refused('corrupt'))
  })

  const many = sized({ quick: 10_000, full: 100_000 })
  it(`may have ${many} parts`, () => {
    const parts = Array.from({ length: many }, (_, i) => aPart(`users.${i}.jsonl.gz`))
    const read = open(sealManifest(aManifest({ parts })).bytes)
    expect(read.parts.length).toBe(many)
  })
})

it('a manifest that could not be read back is not written', () => {
  const broken = aManifest({ parts: [aPart('../x')] })
  expect(() => sealManifest(broken)).toThrow(refused('internal'))
})
