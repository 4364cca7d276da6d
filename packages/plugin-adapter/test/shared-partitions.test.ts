import { expect, it } from 'vitest'
import { plugin as newPlugin, openNew } from './plugins.js'

it('a partition that s3db.js will refuse is told of when the backup is made, and its records come back', async () => {
  const database = await openNew()
  const partitions = { byRegion: { fields: { region: 'string' } } }
  const users = await database.createResource({ name: 'users', attributes: { region: 'string' }, partitions })
  const logs = await database.createResource({
    name: 'logs',
    attributes: { region: 'string' },
    partitions,
    timestamps: true,
  })
  await users.insert({ id: 'a', region: 'US' })
  await logs.insert({ id: 'b', region: 'US' })
  const { plugin } = newPlugin()
  await database.usePlugin(plugin)

  const made = await plugin.backup('full')
  expect(made.status).toBe('completed')
  const told = made.warnings?.filter(({ code }) => code === 'partition_unusable') ?? []
  expect(told.map(({ metadata }) => metadata)).toEqual(
    expect.arrayContaining([expect.objectContaining({ resource: 'users', field: 'createdAt' })]),
  )
  expect(told[0]?.message).toContain('of the resource users')

  const target = await openNew()
  await plugin.restore(made.id, { target }).catch(() => undefined)
  expect(await target.resources.users?.get('a')).toMatchObject({ region: 'US' })
  expect(await target.resources.logs?.get('b')).toMatchObject({ region: 'US' })
})
