import { expect, it } from 'vitest'
import { backUp, openNew, ours, restoreInto, stored } from './databases.js'

async function filled() {
  const source = await openNew('memory', { security: { passphrase: 'long enough for this test' } })
  const users = await source.createResource({
    name: 'users',
    attributes: { name: 'string', token: 'secret|optional', region: 'string|optional' },
    timestamps: true,
    asyncPartitions: false,
    partitions: { byRegion: { fields: { region: 'string' } } },
  })
  for (const id of ['a', 'b', 'c'])
    await users.insert({ id, name: `name ${id}`, token: `t-${id}`, region: 'US' })
  return source
}

/** Notes every event that a thing sends. */
function overhear(emitter: { emit(event: string, ...rest: never[]): unknown }, heard: string[], who: string) {
  const original = emitter.emit
  emitter.emit = function (event, ...rest) {
    heard.push(`${who} ${String(event)}`)
    return original.call(this, event, ...rest)
  }
}

const hookNames = [
  'Insert',
  'Update',
  'Delete',
  'Get',
  'List',
  'GetMany',
  'Exists',
  'Count',
  'Patch',
  'Replace',
]

it.each(['skip', 'merge', 'replace'] as const)(
  'a restore runs no hook and sends nothing to listeners or other plugins (%s)',
  async (mode) => {
    const made = await backUp(await filled())
    // s3db.js does deferred work right afterwards.
    const target = await openNew('memory', { metadataWriteDelay: 1 })
    const heard: string[] = []
    const note = (what: string) => async (value: unknown) => {
      heard.push(what)
      return value
    }
    const users = await target.createResource({
      name: 'users',
      attributes: { name: 'string', token: 'secret|optional', region: 'string|optional' },
      timestamps: true,
      partitions: { byRegion: { fields: { region: 'string' } } },
      hooks: Object.fromEntries(
        hookNames
          .flatMap((name) => [`before${name}`, `after${name}`])
          .map((name) => [name, [note(`hook ${name}`)]]),
      ),
    })
    await users.insert({ id: 'a', name: 'was there' })
    expect(heard).toContain('hook beforeInsert')

    for (const hook of [
      'beforeConnect',
      'afterConnect',
      'beforeCreateResource',
      'afterCreateResource',
      'beforeUploadMetadata',
      'afterUploadMetadata',
    ] as const)
      target.addHook(hook, async () => void heard.push(`database ${hook}`))
    const spy = {
      database: undefined as unknown,
      install: async () => undefined,
      start: async () => undefined,
    }
    await target.usePlugin(spy as never, 'spy')
    overhear(target as never, heard, 'database')
    overhear(users as never, heard, 'resource')
    heard.length = 0

    await restoreInto(target, made, { mode, rename: {} })
    await restoreInto(target, made, { rename: { users: 'copies' } })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard).toEqual([])

    // The listeners work: an insert after the restore is heard.
    await target.resources.users!.insert({ id: 'later', name: 'heard' })
    expect(heard.length).toBeGreaterThan(0)
  },
)

it('a backup leaves the database unchanged, to the byte, and stores nothing in it', async () => {
  const source = await filled()
  const before = await stored(source)
  const resources = Object.keys(source.resources)
  expect(before.size).toBeGreaterThan(6)
  await backUp(source)
  await backUp(source)
  expect(await stored(source)).toEqual(before)
  expect(Object.keys(source.resources)).toEqual(resources)
})

it('a backup runs no hook and sends no event', async () => {
  const source = await filled()
  const heard: string[] = []
  overhear(source as never, heard, 'database')
  overhear(source.resources.users as never, heard, 'resource')
  const hear = (async (value: unknown) => {
    heard.push('hook')
    return value
  }) as never
  for (const name of ['beforeGet', 'afterGet', 'beforeList', 'afterList'] as const)
    Reflect.get(source.resources.users!, 'addHook')?.call(source.resources.users, name, hear)
  await backUp(source)
  expect(heard).toEqual([])
  await source.resources.users!.get('a')
  expect(heard.length).toBeGreaterThan(0)
})

it('restored data stays unchanged when the database is reopened and used', async () => {
  const source = await filled()
  const target = await openNew('file')
  await restoreInto(target, await backUp(source))
  const records = await stored(target, 'resource=users/')
  await target.disconnect()
  await target.connect()
  await target.resources.users!.get('a')
  await target.resources.users!.list()
  expect(await stored(target, 'resource=users/data/')).toEqual(
    new Map([...records].filter(([key]) => key.startsWith('resource=users/data/'))),
  )
  expect(ours(target).isConnected()).toBe(true)
})
