import { expect, it } from 'vitest'
import { plugin as newPlugin, openNew } from './plugins.js'

it('a backup of some resources and partitions is compared with these alone', async () => {
  const database = await openNew('file')
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string' },
    partitions: { byRegion: { fields: { region: 'string' } } },
  })
  await database.createResource({ name: 'orders', attributes: { total: 'number' } })
  await users.insert({ id: 'ada', name: 'Ada', region: 'EU' })
  await users.insert({ id: 'bob', name: 'Bob', region: 'US' })
  await database.resources.orders?.insert({ id: 'o1', total: 1 })
  const { plugin } = newPlugin()
  await database.usePlugin(plugin)
  const { id } = await plugin.backup('selective', { resources: ['users'], partitions: { byRegion: ['EU'] } })

  const differences = async () => {
    const found: string[] = []
    for await (const one of plugin.diffLive(id)) found.push(`${one.change} ${one.resource} ${one.id}`)
    return found
  }
  expect(await differences()).toEqual([])
  await users.insert({ id: 'eve', name: 'Eve', region: 'EU' })
  await users.insert({ id: 'joe', name: 'Joe', region: 'US' })
  expect(await differences()).toEqual(['added users eve'])
})
