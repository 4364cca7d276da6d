import { BackupError, backup, type Driver, verify } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { growing } from '../../test/scene.js'
import { multi } from '../multi.js'
import { backupTo } from './backup-to.js'
import { sync } from './sync.js'
import { verifyReplicas } from './verify-replicas.js'

/** A destination that has a full backup, and one that joined later. */
async function joinedLater() {
  const [near, far] = [memory({ name: 'near' }), memory({ name: 'far' })]
  const full = await backup({ source: growing(), driver: near })
  return { near, far, full }
}

const increment = (driver: Driver) => backup({ source: growing(), driver, incremental: {} })

describe.each(['all', 'any'] as const)('an incremental backup with "%s"', (strategy) => {
  test('copies the backups that it builds on to a destination that joined later', async () => {
    const { near, far, full } = await joinedLater()
    const driver = multi({ strategy, drivers: [near, far] })
    const { id, destinations } = await backupTo(driver, increment)
    expect(destinations).toMatchObject([{ status: 'success' }, { status: 'success' }])
    for (const place of [near, far])
      expect(await verify({ driver: place, id })).toMatchObject({ ok: true, ancestors: [full.id] })
    expect(await verifyReplicas({ multi: driver, id })).toMatchObject({ ok: true })
  })

  test('reports where it cannot be restored by itself, and stays there', async () => {
    const { near, far, full } = await joinedLater()
    const refusing: Driver = {
      ...far,
      put(key, body, call) {
        if (key.startsWith(full.id)) throw new BackupError('no_space', 'The disk is full')
        return far.put(key, body, call)
      },
    }
    const driver = multi({ strategy, drivers: [near, refusing] })
    const outcome = await backupTo(driver, increment).catch((error: unknown) => error)
    const reports = [
      { name: 'near', status: 'success' },
      {
        name: 'far',
        status: 'failed',
        error: { code: 'broken_chain', message: expect.stringContaining('far alone') },
      },
    ]
    if (strategy === 'any') expect(outcome).toMatchObject({ destinations: reports })
    else
      expect(outcome).toMatchObject({
        code: 'incomplete',
        operation: 'backup',
        message: expect.stringContaining('far alone'),
        metadata: { destinations: reports },
      })
  })
})

test('a copy whose parent is not at its destination is orphaned, not whole, until a sync brings the parent', async () => {
  const { near, far, full } = await joinedLater()
  const driver = multi({ drivers: [near, far] })
  const { id } = await increment(driver)
  for (const level of ['quick', 'stored', 'full'] as const)
    expect(await verifyReplicas({ multi: driver, id, level })).toMatchObject({
      ok: false,
      replicas: [
        { name: 'near', state: 'whole' },
        { name: 'far', state: 'orphaned', report: { problems: [{ code: 'broken_chain' }] } },
      ],
    })
  await sync({ multi: driver, id })
  expect(await verifyReplicas({ multi: driver, id })).toMatchObject({ ok: true })
  await near.delete(`${full.directory}/${full.manifest.parts[0]?.file}`, {
    signal: new AbortController().signal,
  })
  expect((await verifyReplicas({ multi: driver, id })).replicas).toMatchObject([
    { name: 'near', state: 'orphaned' },
    { name: 'far', state: 'whole' },
  ])
})
