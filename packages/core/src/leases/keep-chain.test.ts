import { describe, expect, it } from 'vitest'
import { memoryTarget } from '../../test/database.js'
import { aWorld } from '../../test/deletion-world.js'
import { remove } from '../deletion/remove.js'
import { restore } from '../restore/restore.js'
import { withLease } from './with-lease.js'

const timed = { signal: new AbortController().signal, now: () => new Date() }

describe('a restore of a backup that somebody is about to remove', () => {
  it('waits for that, and then does not touch the target if the backup was removed', async () => {
    const { driver, full, now } = aWorld()
    const id = await full()
    const inner = memoryTarget()
    let opened = false
    const target: typeof inner = {
      ...inner,
      async open(...args) {
        opened = true
        return inner.open(...args)
      },
    }
    let restoring: Promise<unknown> | undefined
    // A removal that has checked which backups are in use, and found none.
    const purpose = { kind: 'removal', operation: 'prune', backups: [id] } as const
    await withLease(driver, purpose, timed, async () => {
      restoring = restore({ driver, id, target }).catch((error: unknown) => error)
      await expect.poll(() => [...driver.objects.keys()].some((key) => key.includes('restore-'))).toBe(true)
      await expect
        .poll(() => driver.steps.slice(-2).filter(({ key }) => key.startsWith('.leases/')))
        .toHaveLength(2)
      expect(opened).toBe(false)
      await remove({ driver, id, force: true, now })
    })
    expect(await restoring).toMatchObject({ code: 'not_found' })
    expect(opened).toBe(false)
  })
})
