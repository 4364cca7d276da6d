import { isBackupError } from '@s3db-backup/core'
import { faulty, type MemoryDriver, memory, silent } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { stalled } from '../test/doubles.js'
import { backUp, backupsAt, body, call, keysOf, rejection } from '../test/scene.js'
import { multi } from './multi.js'
import type { Strategy } from './multi-driver.js'
import { backupTo } from './replicas/backup-to.js'

describe('an abort', () => {
  test.each(['all', 'any'] as const)(
    '"%s": ends an upload at a stalled replica and leaves nothing',
    async (strategy) => {
      for (const chunks of [0, 1, 11]) {
        const [a, b] = [memory(), memory()]
        const stop = new AbortController()
        const driver = multi({
          strategy,
          drivers: [a, stalled(b, chunks, () => setImmediate(() => stop.abort('enough')))],
        })

        expect(await rejection(driver.put('x/a', body(100), { kind: 'part', signal: stop.signal }))).toBe(
          'enough',
        )
        expect([a, b].flatMap(keysOf)).toEqual([])
      }
    },
  )

  test('ends an upload whose body is silent', async () => {
    const drivers = [memory(), memory()]
    const stop = new AbortController()
    const put = multi({ drivers }).put(
      'x/a',
      silent(() => setImmediate(() => stop.abort('enough'))),
      { kind: 'part', signal: stop.signal },
    )
    expect(await rejection(put)).toBe('enough')
    expect(drivers.flatMap(keysOf)).toEqual([])
  })

  test('"all": a replica that fails ends the upload at one that hangs', async () => {
    const driver = multi({ drivers: [stalled(memory(), 1), faulty(memory(), { failAt: 2 })] })
    await expect(driver.put('x/a', body(100), call)).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})

describe.each<Strategy>(['all', 'any', 'priority'])('"%s", whichever step of a backup fails', (strategy) => {
  test.each([false, true])(
    'no replica has a manifest without its parts (failing for good: %s)',
    async (forGood) => {
      for (const index of [0, 1]) {
        const counting = faulty(memory())
        await backUp(counting)
        for (let failAt = 1; failAt <= counting.steps; failAt++) {
          const inner: MemoryDriver[] = [memory(), memory()]
          const drivers = inner.map((one, at) => (at === index ? faulty(one, { failAt, forGood }) : one))
          const driver = multi({ strategy, drivers })
          const outcome = await backupTo(driver, (to) => backUp(to)).catch((error: unknown) => error)

          for (const one of inner) {
            const backups = await backupsAt(one)
            expect(backups.every(({ ok }) => ok)).toBe(true)
            if (!forGood && backups.length === 0) expect(keysOf(one)).toEqual([])
          }
          const whole = (await Promise.all(inner.map(backupsAt))).filter(({ length }) => length > 0)
          if (strategy === 'all') expect(whole.length).toBe(isBackupError(outcome) ? 0 : 2)
          else expect(whole.length).toBeGreaterThan(0)
          if (strategy !== 'all') expect(outcome).toHaveProperty('id')
        }
      }
    },
  )
})
