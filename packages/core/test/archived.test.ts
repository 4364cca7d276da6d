import { expect, it } from 'vitest'
import { backup } from '../src/backup/backup.js'
import { records } from '../src/backup/records-source.js'
import { BackupError } from '../src/errors.js'
import type { Driver } from '../src/ports/driver.js'
import { memoryDriver } from './memory-driver.js'

const source = () => records({ users: { records: [{ id: 'ada' }] } })

/** A storage that archives parts as soon as it has them. */
function archiving(driver: Driver): Driver {
  return {
    ...driver,
    async *get(key, call) {
      if (key.includes('.jsonl'))
        throw new BackupError('unavailable', `${key} is archived`, { metadata: { archived: true } })
      yield* driver.get(key, call)
    },
  }
}

it('a backup at an archiving storage succeeds, and says that it was not read back', async () => {
  const { manifest } = await backup({ source: source(), driver: archiving(memoryDriver()) })
  expect(manifest.status).toBe('completed')
  expect(manifest.compared).toBe(false)
})

it('a backup says whether it was read back', async () => {
  const compared = async (verify: boolean) =>
    (await backup({ source: source(), driver: memoryDriver(), verify })).manifest.compared
  expect([await compared(true), await compared(false)]).toEqual([true, false])
})
