import { BackupError, type Driver, type Source } from '@s3db-backup/core'
import { failing, faulty, memory } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { down } from '../../test/doubles.js'
import { backUp, backupsAt, body, call, keysOf, rejection, source } from '../../test/scene.js'
import { multi } from '../multi.js'
import { backupTo, type Failover } from './backup-to.js'

/** A source that fails after it has given something. */
function failingSource(error: unknown): Source {
  return {
    ...source(),
    async *read() {
      yield { rows: [{ id: 'a' }] }
      throw error
    },
  }
}

describe('"priority"', () => {
  test('uses only the first destination if it can store the backup', async () => {
    const [a, b] = [memory(), memory()]
    const driver = multi({ strategy: 'priority', drivers: [a, b] })
    const { destinations, bytes } = await backupTo(driver, (to) => backUp(to))

    expect(await backupsAt(a)).toMatchObject([{ ok: true }])
    expect(keysOf(b)).toEqual([])
    expect(destinations).toEqual([
      {
        name: 'memory',
        driver: 'memory',
        status: 'success',
        files: keysOf(a).length,
        bytes: expect.any(Number),
      },
    ])
    expect(destinations[0]?.bytes).toBeGreaterThanOrEqual(bytes)
  })

  test('starts over at the next one if a destination does not exist, such as a missing bucket', async () => {
    const reserve = memory({ name: 'reserve' })
    const driver = multi({ strategy: 'priority', drivers: [down('not_found'), reserve] })
    const { destinations } = await backupTo(driver, (to) => backUp(to))
    expect(destinations).toMatchObject([
      { name: 'down', status: 'failed' },
      { name: 'reserve', status: 'success' },
    ])
    expect(await backupsAt(reserve)).toMatchObject([{ ok: true }])
  })

  test('starts over at the next one if a destination fails midway, and reports it', async () => {
    const [a, b] = [memory(), memory({ name: 'reserve' })]
    const failovers: Failover[] = []
    const driver = multi({ strategy: 'priority', drivers: [faulty(a, { failAt: 10 }), down('no_space'), b] })

    const result = await backupTo(driver, (to) => backUp(to), { onFailover: (one) => failovers.push(one) })

    expect(failovers).toMatchObject([
      { from: 'memory', to: 'down', error: { code: 'unavailable' } },
      { from: 'down', to: 'reserve', error: { code: 'no_space' } },
    ])
    expect(result.destinations.map(({ status }) => status)).toEqual(['failed', 'failed', 'success'])
    expect(await backupsAt(b)).toEqual([{ id: result.id, ok: true }])
    expect(keysOf(a)).toEqual([])
  })

  test('fails with every cause once no destination is left', async () => {
    const driver = multi({ strategy: 'priority', drivers: [down('no_space', 'a'), down('no_space', 'b')] })
    await expect(backupTo(driver, (to) => backUp(to))).rejects.toMatchObject({
      code: 'no_space',
      operation: 'backup',
      driver: 'multi',
      statusCode: 502,
      retriable: true,
      description: 'Multi-destination backup failed',
      metadata: { destinations: [{ name: 'a', error: { code: 'no_space' } }, { name: 'b' }] },
    })
  })

  test.each([
    ['a BackupError of its own', new BackupError('unavailable', 'the database is down')],
    ['any other error', new TypeError('a defect')],
  ])('does not try the next one when the source fails with %s', async (_, error) => {
    const drivers = [memory(), memory()]
    const driver = multi({ strategy: 'priority', drivers })
    const failed = await rejection(backupTo(driver, (to) => backUp(to, { from: failingSource(error) })))
    expect(String(failed)).toContain(error.message)
    expect(failed).not.toHaveProperty('metadata.destinations')
    expect(drivers.map(keysOf)).toEqual([[], []])
  })

  test('does not try the next one if both the source and the clean-up fail', async () => {
    const error = new BackupError('unavailable', 'the database is down')
    const stubborn = { ...memory(), delete: () => Promise.reject(new Error('no')) }
    const reserve = memory()
    const driver = multi({ strategy: 'priority', drivers: [stubborn, reserve] })
    await expect(backupTo(driver, (to) => backUp(to, { from: failingSource(error) }))).rejects.toThrow(
      error.message,
    )
    expect(keysOf(reserve)).toEqual([])
  })

  test('does not try the next one when lost records make the backup incomplete', async () => {
    const lossy: Source = {
      ...source(),
      async *read() {
        yield { rows: [{ id: 'a' }], lost: [{ id: 'b', reason: 'unreadable' }] }
      },
    }
    const drivers = [memory(), memory()]
    const driver = multi({ strategy: 'priority', drivers })
    await expect(backupTo(driver, (to) => backUp(to, { from: lossy }))).rejects.toMatchObject({
      code: 'incomplete',
    })
    expect((await backupsAt(drivers[0]!)).length).toBe(1)
    expect(keysOf(drivers[1]!)).toEqual([])
  })

  test('does not try the next one after an abort', async () => {
    const stop = new AbortController()
    const { signal } = stop
    const reserve = memory()
    const aborting = faulty({
      ...memory(),
      put: async () => {
        stop.abort(new BackupError('unavailable', 'enough'))
        throw new Error('the connection was closed')
      },
    })
    const driver = multi({ strategy: 'priority', drivers: [aborting, reserve] })
    const error = await rejection(backupTo(driver, (to) => backUp(to, { signal }), { signal }))
    expect(error).toBe(signal.reason)
    expect(keysOf(reserve)).toEqual([])
  })

  test('does not try the next one when the signal aborts after a destination has failed', async () => {
    const stop = new AbortController()
    const { signal } = stop
    const tried: string[] = []
    const attempt = async (to: Driver) => {
      tried.push(to.name)
      await to.put('x/a', body(1), call).catch(() => stop.abort(new BackupError('unavailable', 'enough')))
      throw signal.reason
    }
    // Even with the last destination: an abort is not the failure of all destinations.
    const driver = multi({ strategy: 'priority', drivers: [down()] })
    expect(await rejection(backupTo(driver, attempt, { signal }))).toBe(signal.reason)
    const more = multi({ strategy: 'priority', drivers: [down(), memory()] })
    expect(await rejection(backupTo(more, attempt, { signal }))).toBe(signal.reason)
    expect(tried).toEqual(['down'])
  })

  test('distinguishes a failure of the body from one of the destination', async () => {
    const lost = new BackupError('unavailable', 'the database is down')
    const driver = multi({ strategy: 'priority', drivers: [memory(), memory()] })
    const attempt = async (to: Driver) => ({
      directory: 'x',
      ...(await to.put('x/a', failing(lost), call)),
    })
    expect(await rejection(backupTo(driver, attempt))).toBe(lost)
  })

  test('treats a difference on reading back as a failure of the storage', async () => {
    const [spoilt, reserve] = [memory(), memory()]
    const spoiling = {
      ...spoilt,
      async *get(...given: Parameters<typeof spoilt.get>) {
        for await (const chunk of spoilt.get(...given)) yield chunk.map((byte) => byte ^ 1)
      },
    }
    const driver = multi({ strategy: 'priority', drivers: [spoiling, reserve] })
    const { destinations } = await backupTo(driver, (to) => backUp(to, { verify: true }))
    expect(destinations).toMatchObject([
      { status: 'failed', error: { code: 'corrupt' } },
      { status: 'success' },
    ])
  })
})

describe('"all" and "any"', () => {
  test('"any" resolves with the outcome at each destination', async () => {
    const [a, b] = [memory(), memory()]
    const driver = multi({ strategy: 'any', drivers: [faulty(a, { failAt: 12 }), b] })
    const { destinations, id } = await backupTo(driver, (to) => backUp(to))
    expect(destinations).toMatchObject([
      { name: 'memory', status: 'failed', files: 0, error: { code: 'unavailable' } },
      { name: 'memory-2', status: 'success', files: keysOf(b).length },
    ])
    expect(keysOf(a)).toEqual([])
    expect(await backupsAt(b)).toEqual([{ id, ok: true }])
  })

  test('"all" fails as documented if one destination is down, and the others keep nothing', async () => {
    const a = memory()
    const driver = multi({ drivers: [a, down('permission_denied')] })
    await expect(backupTo(driver, (to) => backUp(to))).rejects.toMatchObject({
      name: 'BackupError',
      code: 'permission_denied',
      operation: 'backup',
      driver: 'multi',
      statusCode: 502,
      retriable: true,
      description: 'Multi-destination backup failed',
      suggestion:
        'Inspect individual driver errors in error.metadata.destinations and fix the failing target.',
      metadata: {
        destinations: [{ status: 'stopped' }, { status: 'failed', error: { code: 'permission_denied' } }],
      },
    })
    expect(keysOf(a)).toEqual([])
  })

  test('pass other errors on unchanged', async () => {
    const error = new TypeError('a defect')
    const driver = multi({ drivers: [memory()] })
    await expect(backupTo(driver, () => Promise.reject(error))).rejects.toBe(error)
  })
})
