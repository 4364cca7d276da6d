import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backup, isBackupError, openCatalog } from '../src/index.js'
import { memoryDriver } from './memory-driver.js'
import { storageSource } from './storage-source.js'

const id = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.record({
  put: fc.array(id, { maxLength: 3 }),
  remove: fc.array(id, { maxLength: 1 }),
  unreadable: fc.array(id, { maxLength: 2 }),
  silent: fc.array(id, { maxLength: 1 }),
  hidden: fc.array(id, { maxLength: 1 }),
  full: fc.boolean(),
})

it('a lost record is in no part of its backup', async () => {
  let losses = 0
  const law = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
    const [driver, source] = [memoryDriver(), storageSource()]
    for (const one of ['a', 'b', 'c']) source.put(one, 0)
    for (const [day, { put, remove, full, ...lies }] of steps.entries()) {
      for (const one of put) source.put(one, day)
      for (const one of remove) source.remove(one)
      for (const kind of ['unreadable', 'silent', 'hidden'] as const) {
        source[kind].clear()
        for (const one of lies[kind]) source[kind].add(one)
      }
      const now = () => new Date(Date.UTC(2024, 0, day + 1))
      const options = full || day === 0 ? {} : { type: 'incremental', incremental: {} }
      await backup({ source, driver, now, codecs: [], ...options }).catch((error: unknown) => {
        if (!isBackupError(error, 'incomplete')) throw error
      })
    }
    for (const { directory, manifest } of (await openCatalog(driver).list()).backups) {
      const lost = manifest.resources.users!.lost.map((record) => record.id)
      losses += lost.length
      const there = manifest.parts.flatMap(({ file }) =>
        Buffer.from(driver.objects.get(`${directory}/${file}`)!)
          .toString()
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
          .map((line) => (Array.isArray(line) ? line[0] : line.id)),
      )
      expect(lost.filter((one) => there.includes(one))).toEqual([])
    }
  })
  await fc.assert(law, { numRuns: 100 })
  // A run that loses nothing would prove nothing.
  expect(losses).toBeGreaterThan(20)
})
