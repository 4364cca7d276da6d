import { randomBytes } from 'node:crypto'
import { backup, type Row } from '@s3db-backup/core'
import { salvage } from '@s3db-backup/core/internal'
import { expect, test } from 'vitest'
import { encryption, keygen } from '../src/index.js'
import { sourceOf, store, users } from './store.js'

const key = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
const rows: Row[] = Array.from({ length: 2000 }, (_, i) => ({
  id: `r${String(i).padStart(5, '0')}`,
  name: randomBytes(500).toString('base64'),
}))

test.each([
  ['compressed', {}],
  ['uncompressed', { codecs: [] }],
])(
  'what was authenticated before the damage of an encrypted part, %s, is recovered, and the rest is named',
  async (_, options) => {
    const driver = store()
    const made = await backup({ source: sourceOf({ people: rows }), driver, encryption: key, ...options })
    const part = made.manifest.parts.find(({ holds }) => holds === 'rows')!
    const stored = driver.objects.get(`${made.directory}/${part.file}`)!
    const at = Math.floor(stored.byteLength * 0.7)
    stored[at]! ^= 1
    const found: unknown[] = []
    const lost = []
    for await (const one of salvage({ driver, id: made.id, encryption: key })) {
      if (one.type === 'lost') lost.push(one)
      else if (one.type === 'records') found.push(...one.lines)
      if (one.type === 'records') expect(one.proof).toBe('authenticated')
    }
    expect(found.length).toBeGreaterThan(rows.length * 0.4)
    expect(found).toEqual(rows.slice(0, found.length))
    expect(lost).toEqual([
      {
        ...{ type: 'lost', resource: 'people', holds: 'rows', file: part.file },
        bytes: { from: expect.any(Number), to: part.bytes },
        lines: { first: found.length + 1, last: rows.length },
      },
    ])
    expect(lost[0]!.bytes.from).toBeLessThanOrEqual(at)
    expect(lost[0]!.bytes.from).toBeGreaterThan(at - 300 * 1024)
  },
)

test('without the key nothing is salvaged', async () => {
  const driver = store()
  const { id } = await backup({ source: sourceOf({ people: users('Ann') }), driver, encryption: key })
  await expect(salvage({ driver, id }).next()).rejects.toMatchObject({ code: 'undecryptable' })
})
