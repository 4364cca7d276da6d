import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { removeEach } from './removal.js'

const timed = { signal: new AbortController().signal, now: () => new Date() }
const removal = {
  operation: 'prune',
  backups: [
    { id: 'b', parent: 'a' },
    { id: 'a', parent: null },
  ],
  known: new Set<string>(),
  forGood: true,
}

/** A storage on which so many looks at all backups take two minutes each. */
function slowDriver(slowLooks: number) {
  vi.useFakeTimers({ toFake: ['performance'] })
  let looks = 0
  return memoryDriver({
    onStep: ({ operation, key }) => {
      if (operation !== 'list' || key !== '.leases/') return
      looks += 1
      if (looks > 1000) throw new Error('it looks for ever')
      if (looks <= slowLooks) vi.advanceTimersByTime(2 * 60 * 1000)
    },
  })
}

describe('a removal at a storage where checking which backups are in use takes longer than a check is valid', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('checks again, and removes the given backups', async () => {
    const gone: string[] = []
    const kept = await removeEach(slowDriver(2), removal, timed, async ({ id }) => void gone.push(id))
    expect({ gone, kept: [...kept] }).toEqual({ gone: ['b', 'a'], kept: [] })
  })

  it('gives up if that does not help, removes nothing and leaves no lease', async () => {
    const driver = slowDriver(Number.POSITIVE_INFINITY)
    const gone: string[] = []
    const done = removeEach(driver, removal, timed, async ({ id }) => void gone.push(id))
    await expect(done).rejects.toMatchObject({ code: 'unavailable', retriable: true })
    expect({ gone, stored: driver.objects.size }).toEqual({ gone: [], stored: 0 })
  })

  it('reports in a dry run at once what it would do', async () => {
    const gone: string[] = []
    const driver = slowDriver(Number.POSITIVE_INFINITY)
    await removeEach(driver, { ...removal, dryRun: true }, timed, async ({ id }) => void gone.push(id))
    expect(gone).toEqual(['b', 'a'])
  })
})
