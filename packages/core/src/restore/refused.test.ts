import { expect, it } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { backup, records, restore, type Target, type WriteReport } from '../index.js'

const nothing: WriteReport = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }

/** Restores `users` and `orders` into a target that says this of them, and gives what is said of it. */
async function saidOf(reports: Readonly<Record<string, Partial<WriteReport>>>): Promise<unknown> {
  const driver = memoryDriver()
  const source = records({ users: { records: [{ id: 'a' }] }, orders: { records: [{ id: 'b' }] } })
  const { id } = await backup({ source, driver })
  const target: Target = {
    open: async () => undefined,
    async write(resource, batches) {
      for await (const _ of batches);
      return { ...nothing, ...reports[resource] }
    },
  }
  return restore({ driver, id, target }).catch((error: unknown) => error)
}

const refused = { refused: { reason: 'it has no room', records: 1 } }
const failed = { failed: [{ id: 'b', reason: 'too long' }] }

it('a resource that the target refuses is named, and the error says that everything else was restored', async () => {
  expect(await saidOf({ users: refused })).toMatchObject({
    code: 'incomplete',
    message: expect.stringContaining(
      'The resource "users" with 1 records could not be restored: it has no room',
    ),
    suggestion: expect.stringContaining('Everything else was restored'),
  })
})

it('if records failed as well, the error does not claim that everything else was restored', async () => {
  const error = await saidOf({ users: refused, orders: failed })
  expect(error).toMatchObject({
    code: 'incomplete',
    message: expect.stringContaining('1 records of backup'),
    metadata: { failed: { orders: failed.failed }, refused: [{ name: 'users' }] },
  })
  const { suggestion } = error as { suggestion: string }
  expect(suggestion).toContain('metadata.failed names each record')
  expect(suggestion).toContain('Restore the refused records into a database that accepts them.')
  expect(suggestion).not.toContain('Everything else')
})
