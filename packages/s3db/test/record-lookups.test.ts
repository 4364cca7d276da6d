import { expect, it } from 'vitest'
import { recordLookups } from '../src/reading/record-lookup.js'
import { address, call, open, ours } from './databases.js'

it('a record is looked up with the stored definitions, whoever changed them', async () => {
  const connection = address('file')
  const database = await open(connection)
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'ada', name: 'Ada' })
  const another = await open(connection)
  await another.createResource({ name: 'users', attributes: { name: 'string', email: 'string|optional' } })
  await another.resources.users?.insert({ id: 'bob', name: 'Bob', email: 'bob@example.com' })
  await another.createResource({ name: 'orders', attributes: { total: 'number' } })
  await another.resources.orders?.insert({ id: 'o1', total: 1 })

  const lookups = await recordLookups(ours(database), call)
  expect((await lookups('users')('bob', call))?.row).toEqual({
    ...{ id: 'bob', name: 'Bob', email: 'bob@example.com' },
  })
  expect((await lookups('orders')('o1', call))?.row).toEqual({ id: 'o1', total: 1 })
  expect(await lookups('users')('carol', call)).toBeUndefined()
  expect(await lookups('nothing')('a', call)).toBeUndefined()
})
