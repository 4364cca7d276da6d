import { expect, it } from 'vitest'
import { openNew, ours } from '../../test/databases.js'
import { existingIds } from './existing-ids.js'

const call = { signal: new AbortController().signal }

async function asking(removesOthers: boolean) {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const id of ['a', 'b', 'c', 'd']) await users.insert({ id, name: id })
  const { client } = ours(database)
  return existingIds(client, { prefix: 'resource=users/data/id=', range: undefined, removesOthers }, call)
}

it.each([true, false])(
  'says of each id whether it is there, in any order (others removed: %s)',
  async (removed) => {
    const existing = await asking(removed)
    const answers = []
    for (const id of ['bb', 'c', 'a', 'aa', 'd', 'b', 'e']) answers.push(await existing.has(id))
    expect(answers).toEqual([false, true, true, false, true, true, false])
  },
)

it('gives the others once all were asked for', async () => {
  const existing = await asking(true)
  for (const id of ['c', 'a']) await existing.has(id)
  const others: string[] = []
  for await (const id of existing.others()) others.push(id)
  expect(others.sort()).toEqual(['b', 'd'])
})
