import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { xml } from '../../../../tooling/s3/local-server/xml.ts'
import { parseVersions } from './parse-versions.js'

const odd = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.constantFrom(
    'a+b c%20',
    '<Key>&amp;</Key>',
    'it\'s "quoted"',
    '\u0001\r\n\t',
    '日本 😀',
    'é'.normalize('NFD'),
    '&#38;',
    '+',
    '%',
  ),
)
const entry = fc.record({
  kind: fc.constantFrom('Version', 'DeleteMarker'),
  key: odd,
  id: fc.constantFrom('null', 'abc', '3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo'),
  time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
})

const page = (entries: readonly { kind: string; key: string; id: string; time: number }[], url: boolean) => {
  const encode = url ? encodeURIComponent : (text: string) => text
  const listed = entries.map(({ kind, key, id, time }) =>
    xml('x', {
      [kind]: { Key: encode(key), VersionId: id, LastModified: new Date(time).toISOString() },
    }).replace(/^<\?xml.*?\?>\n<x>|<\/x>$/g, ''),
  )
  const head = xml('ListVersionsResult', {
    IsTruncated: true,
    ...(url ? { EncodingType: 'url' } : {}),
    NextKeyMarker: encode(entries.at(-1)?.key ?? 'x'),
  })
  return head.replace('</ListVersionsResult>', `${listed.join('')}</ListVersionsResult>`)
}

describe('a listing of versions', () => {
  it('is read in its own order, whatever is in the keys', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), fc.boolean(), (entries, url) => {
        const parsed = parseVersions(page(entries, url))
        const told = parsed?.entries.map(({ key, versionId, isMarker, modified }) => [
          key,
          versionId,
          isMarker,
          modified,
        ])
        expect(told).toEqual(
          entries.map(({ kind, key, id, time }) => [key, id, kind === 'DeleteMarker', time]),
        )
        expect(parsed).toMatchObject({ isTruncated: true, nextKey: entries.at(-1)?.key })
      }),
    )
  })

  it('that is truncated anywhere is refused', () => {
    const whole = page([{ kind: 'Version', key: 'a', id: 'b', time: 0 }], false)
    for (let at = 0; at < whole.length; at++) expect(parseVersions(whole.slice(0, at))).toBeUndefined()
  })
})
