import { expect, it } from 'vitest'
import { address, plugin as newPlugin, open, openNew } from './plugins.js'

it('a long-running plugin backs up what another process has added since', async () => {
  const connection = address('file')
  const database = await open(connection)
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'ada', name: 'Ada' })
  const { plugin } = newPlugin()
  await database.usePlugin(plugin)
  await plugin.backup('full')

  const another = await open(connection)
  const orders = await another.createResource({ name: 'orders', attributes: { total: 'number' } })
  await orders.insert({ id: 'o1', total: 1 })
  await another.createResource({ name: 'users', attributes: { name: 'string', email: 'string|optional' } })
  await another.resources.users?.insert({ id: 'bob', name: 'Bob', email: 'bob@example.com' })

  const made = await plugin.backup('incremental')
  expect(made).toMatchObject({ status: 'completed', resources: ['users', 'orders'] })
  const back = await openNew()
  await plugin.restore(made.id, { target: back })
  expect(await back.resources.users?.get('bob')).toMatchObject({ email: 'bob@example.com' })
  expect(await back.resources.users?.get('ada')).toMatchObject({ name: 'Ada' })
  expect(await back.resources.orders?.get('o1')).toMatchObject({ total: 1 })
})

it('data of plugins is excluded by name, and results report the rest', async () => {
  const database = await openNew()
  await database.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const key of ['plugin=audit/cursor', 'plugin=fulltext/words', 'plugin=fulltext/more'])
    await database.client.putObject({ key, metadata: {}, body: '7' })
  const { plugin } = newPlugin({ exclude: ['plugin=audit'] })
  await database.usePlugin(plugin)
  expect((await plugin.backup('full', { dryRun: true })).internal).toMatchObject({ ':objects': { added: 2 } })
  const made = await plugin.backup('full')
  expect(made.internal).toEqual({ ':objects': 2 })
  const restored = await plugin.restore(made.id, { target: await openNew(), exclude: ['plugin=full*'] })
  expect(restored.internal).toMatchObject({ ':objects': { restored: 0 } })
  const all = await plugin.restore(made.id, { target: await openNew() })
  expect(all.internal).toMatchObject({ ':objects': { restored: 2 } })
})

it('a filter by a partition that another process has added knows the partition', async () => {
  const connection = address('file')
  const database = await open(connection)
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string' },
  })
  await users.insert({ id: 'ada', name: 'Ada', region: 'EU' })
  await users.insert({ id: 'bob', name: 'Bob', region: 'US' })
  const { plugin } = newPlugin()
  await database.usePlugin(plugin)
  const another = await open(connection)
  await another.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string' },
    partitions: { byRegion: { fields: { region: 'string' } } },
  })
  const made = await plugin.backup('full', { partitions: { byRegion: ['EU'] } })
  const back = await openNew()
  await plugin.restore(made.id, { target: back })
  expect(await back.resources.users?.listIds()).toEqual(['ada'])
  await expect(plugin.backup('full', { partitions: { byTeam: ['red'] } })).rejects.toMatchObject({
    code: 'invalid_options',
  })
})
