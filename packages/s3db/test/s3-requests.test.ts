import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource, databaseTarget } from '../src/index.js'
import { open, openNew, ours } from './databases.js'

const { address, proxy, requests } = await s3Server()

/** What each operation asks of the database for so many records with timestamps, which have two references each. */
async function requestsFor(records: number) {
  const filled = await openNew()
  const attributes = { name: 'string|required' }
  const orders = await filled.createResource({ name: 'orders', attributes, timestamps: true })
  for (let at = 0; at < records; at++) await orders.insert({ id: `o${at}`, name: `order ${at}` })
  const driver = memory()
  const { id } = await backup({ source: databaseSource(ours(filled)), driver })
  const asked = async (work: () => Promise<unknown>) => {
    proxy.clear()
    await work()
    return requests()
  }
  const database = ours(await open(address(`of-${records}`)))
  return {
    restore: await asked(() => restore({ driver, id, target: databaseTarget(database) })),
    again: await asked(() => restore({ driver, id, target: databaseTarget(database) })),
    full: await asked(() => backup({ source: databaseSource(database), driver, type: 'full' })),
  }
}

it('each record costs one GET in a backup, one PUT per object in a restore, and nothing if it already exists', async () => {
  const few = await requestsFor(40)
  const many = await requestsFor(100)
  const more = (name: 'restore' | 'again' | 'full') =>
    Object.fromEntries(
      Object.entries(many[name]).map(([kind, count]) => [kind, count - Reflect.get(few[name], kind)]),
    )
  const none = { list: 0, get: 0, head: 0, put: 0, delete: 0 }
  expect(more('restore')).toEqual({ ...none, put: 60 * 3 })
  expect(more('again')).toEqual(none)
  expect(more('full')).toEqual({ ...none, get: 60 })
})
