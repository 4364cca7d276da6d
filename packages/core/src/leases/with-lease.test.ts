import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { guard } from '../ports/guard.js'
import { withLease } from './with-lease.js'

const purpose = { kind: 'use', operation: 'restore', backups: ['a'] } as const
const timed = { signal: new AbortController().signal, now: () => new Date() }

describe('work under a lease whose renewal hangs', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['is over', () => Promise.resolve('done')],
    ['fails', () => Promise.reject(new Error('stop'))],
  ])('ends as soon as it %s, and takes its lease away', async (_, end) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let puts = 0
    const driver = memoryDriver({
      onStep: ({ operation }) => {
        if (operation === 'put') puts += 1
        return operation === 'put' && puts > 1 ? new Promise<never>(() => undefined) : undefined
      },
    })
    const work = async () => {
      await vi.advanceTimersByTimeAsync(3 * 60 * 1000)
      expect(puts).toBe(2)
      return end()
    }
    const outcome = withLease(guard(driver), purpose, timed, work)
    expect(await outcome.catch((error: unknown) => error)).toEqual(
      await end().catch((error: unknown) => error),
    )
    expect([...driver.objects.keys()]).toEqual([])
  })
})
