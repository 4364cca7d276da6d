import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backup, compareIds, isBackupError, openCatalog, restore, verify } from '../src/index.js'
import { memoryTarget } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { storageSource } from './storage-source.js'

const ids = ['a', 'b', 'c', '\uffff', '😀']
const id = fc.constantFrom(...ids)
const lies = fc.constantFrom(
  ['hidden' as const],
  ['hidden' as const, 'silent' as const],
  ['hidden' as const, 'unreadable' as const],
  ['unreadable' as const],
)
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), id, value: fc.nat(2) }),
  fc.record({ kind: fc.constant('remove' as const), id }),
  fc.record({ kind: fc.constant('lie' as const), id, lies }),
  fc.record({ kind: fc.constant('tell the truth' as const), id, lies }),
)
const night = fc.record({ steps: fc.array(step, { maxLength: 6 }), full: fc.boolean() })

it('whatever a listing omits, a backup has every record that an earlier one had, or names those that it lacks', async () => {
  const nights = fc.array(night, { minLength: 1, maxLength: 5 })
  const law = fc.asyncProperty(nights, fc.integer({ min: 1, max: 4 }), async (all, batchSize) => {
    const driver = memoryDriver()
    const storage = storageSource({ batchSize })
    const stored = new Map<string, number>()
    for (const one of ids) {
      stored.set(one, 0)
      storage.put(one, 0)
    }
    await backup({ source: storage, driver, now: () => new Date(Date.UTC(2023, 0, 1)) })
    let known = new Set<string>(ids)
    for (const [index, { steps, full }] of all.entries()) {
      for (const change of steps) {
        if (change.kind === 'put') {
          stored.set(change.id, change.value)
          storage.put(change.id, change.value)
        } else if (change.kind === 'remove') {
          stored.delete(change.id)
          storage.remove(change.id)
        } else {
          for (const lie of change.lies) {
            if (change.kind === 'lie') storage[lie].add(change.id)
            else storage[lie].delete(change.id)
          }
        }
      }
      const now = () => new Date(Date.UTC(2024, 0, 1 + index))
      const how = full ? {} : { type: 'incremental', incremental: { fullIfNeeded: true } }
      const made = await backup({ source: storage, driver, now, ...how }).then(
        (result) => result.id,
        (error: unknown) => (isBackupError(error, 'incomplete') ? String(error.metadata.backupId) : ''),
      )
      const { manifest } = await openCatalog(driver).get(made)
      const lost = new Set(manifest.resources.users!.lost.map((record) => record.id))
      expect(manifest.status).toBe(lost.size === 0 ? 'completed' : 'incomplete')
      expect(await verify({ driver, id: made })).toMatchObject({ ok: true })
      const target = memoryTarget()
      await restore({ driver, id: made, target, allowIncomplete: true })
      const restored = target.rows.get('users')!

      const shown = [...stored].filter(([one]) => known.has(one) || !storage.hidden.has(one))
      for (const [one, value] of shown)
        if (!lost.has(one)) expect(restored.get(one)).toEqual({ id: one, value })
      for (const one of restored.keys()) expect(stored.has(one) || lost.has(one)).toBe(true)
      expect([...restored.keys()]).toEqual([...restored.keys()].sort(compareIds))
      known = new Set([...restored.keys(), ...lost])
    }
  })
  await fc.assert(law, { numRuns: 60 })
}, 300_000)
