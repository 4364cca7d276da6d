import { BackupError, type Driver } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { DatabasePlugin } from '../src/index.js'
import { plugin as newPlugin, openNew, over } from './plugins.js'

/** Two resources that share an object of partitions, one of them with timestamps. */
async function sharing() {
  const database = await openNew()
  const partitions = { byRegion: { fields: { region: 'string' } } }
  const users = await database.createResource({ name: 'users', attributes: { region: 'string' }, partitions })
  const logs = await database.createResource({
    name: 'logs',
    attributes: { region: 'string' },
    partitions,
    timestamps: true,
  })
  return { database, users, logs }
}

it('a backup warns about a partition that s3db.js will refuse, and its records are restored', async () => {
  const { database, users, logs } = await sharing()
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

it('the warning is given once, even if the first of two destinations fails while parts are stored', async () => {
  const { database, users } = await sharing()
  await users.insert({ id: 'a', region: 'US' })
  const sound = memory()
  const broken: Driver = {
    ...memory(),
    put: (key, body, call) =>
      call.kind === 'part'
        ? Promise.reject(new BackupError('no_space', 'The disk is full'))
        : sound.put(`broken/${key}`, body, call),
  }
  const assembly = over(sound)
  const plugin = new DatabasePlugin(
    {},
    {
      ...assembly,
      destination: (...given) => ({
        ...assembly.destination(...given),
        carry: (attempt) => attempt(broken).catch(() => attempt(sound)),
      }),
    },
  )
  await database.usePlugin(plugin)
  const events: unknown[] = []
  plugin.on('plg:backup:warning', ({ metadata }) => events.push(metadata))
  const { warnings = [] } = await plugin.backup('full')
  const told = warnings.map(({ metadata }) => metadata)
  expect(told.length).toBeGreaterThan(0)
  expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(told.length)
  expect(events).toEqual(told)
})
