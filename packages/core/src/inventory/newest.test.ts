import fc from 'fast-check'
import { expect, it } from 'vitest'
import { aManifest, stored } from '../../test/manifests.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { createBackupId } from '../format/backup-id.js'
import { openCatalog } from './catalog.js'

const start = Date.UTC(2024, 0, 1)
const hour = 60 * 60 * 1000
const iso = (ms: number) => new Date(ms).toISOString()

/** A backup: when its id was made, how much later or earlier the time is that it stands for, and what is odd about it. */
const backups = fc.array(
  fc.record({
    made: fc.integer({ min: 0, max: 300 }),
    // At most a day later than the id. A consolidated backup stands for any earlier time.
    after: fc.oneof(fc.integer({ min: 0, max: 24 }), fc.integer({ min: -300, max: 0 })),
    took: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom('made', 'made', 'made', 'own', 'damaged', 'no such day'),
  }),
  { maxLength: 30 },
)

it('a limited list is the beginning of the whole list, whatever it leaves unread', async () => {
  let spared = 0
  await fc.assert(
    fc.asyncProperty(backups, fc.nat({ max: 32 }), async (some, limit) => {
      const objects = some.map(({ made, after, took, kind }, i) => {
        const at = start + made * hour
        const exportedAt = at + after * hour
        const id =
          kind === 'own'
            ? `own${i}`
            : kind === 'no such day'
              ? `full-2024-99-99T99-99-99-${String(i).padStart(6, '0')}`
              : createBackupId('full', new Date(at))
        const times = { exportedAt: iso(exportedAt), completedAt: iso(exportedAt + took * hour) }
        const [key, bytes] = stored(id, aManifest({ id, ...times }))
        return [key, kind === 'damaged' ? bytes.subarray(1) : bytes] as const
      })
      const driver = memoryDriver({ objects })
      const catalog = openCatalog(driver)
      const whole = await catalog.list()
      const reads = () => driver.steps.filter(({ operation }) => operation === 'get').length
      const before = reads()
      const part = await catalog.list({ limit })
      spared += before - (reads() - before)
      const inOrder = ({ backups: sound, damaged }: typeof whole) =>
        [...sound, ...damaged].map(({ id, directory }) => [id, directory])
      expect(inOrder(part)).toEqual(inOrder(whole).slice(0, limit))
    }),
    { numRuns: 200 },
  )
  expect(spared).toBeGreaterThan(0)
})

it('a list by id prefix reads no other backups', async () => {
  const ids = ['full-2024-01-01T00-00-00-aaaaaa', 'weekly-2024-01-02T00-00-00-aaaaaa', 'weekly-mine']
  const driver = memoryDriver({ objects: ids.map((id) => stored(id, aManifest({ id }))) })
  const { backups: found } = await openCatalog(driver).list({ prefix: 'weekly-' })
  expect(found.map(({ id }) => id).sort()).toEqual(ids.slice(1))
  expect(driver.steps.filter(({ operation }) => operation === 'get')).toHaveLength(2)
})
