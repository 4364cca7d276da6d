import { expect, it } from 'vitest'
import { plugin as newPlugin, openNew } from './plugins.js'

it('one permanently unreadable record does not make nightly backups accumulate', async () => {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string|required' } })
  for (const id of ['a', 'b', 'c']) await users.insert({ id, name: id })
  const { client } = database
  const read = client.getObject.bind(client)
  client.getObject = async (key) => {
    if (key.endsWith('id=b')) throw new Error('damaged')
    return read(key)
  }
  const { plugin } = newPlugin({ retention: { keepLast: 2 } })
  await database.usePlugin(plugin)
  for (let night = 0; night < 5; night++) {
    await users.insert({ id: `n${night}`, name: 'new' })
    await expect(plugin.backup('full')).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { lost: { users: [{ id: 'b' }] } },
    })
  }
  // The last two, and the first, which lacks a record that no earlier backup had lost.
  const backups = await plugin.list()
  expect(backups).toHaveLength(3)
  expect(backups.map(({ status }) => status)).toEqual(['incomplete', 'incomplete', 'incomplete'])
})
