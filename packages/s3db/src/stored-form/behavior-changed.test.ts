import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOfResource, openDatabase, type Resource, storedObject } from './test/real-database.js'

const behaviors = ['body-only', 'body-overflow', 'user-managed'] as const
const attributes = () => ({ name: 'string', age: 'number|optional', big: 'string|optional' })
const records = {
  small: { name: 'Ada', age: 36 },
  large: { name: 'Grace', age: 85, big: 'B'.repeat(5000) },
}
const misleading = '{"0":"evil","name":"evil","_map":"evil"}'

const shared: { database?: Awaited<ReturnType<typeof openDatabase>> } = {}
beforeAll(async () => {
  shared.database = await openDatabase()
})
afterAll(() => shared.database?.disconnect())

/** The objects of a resource that was written with one behaviour and has another one by now. */
async function changed(before: Resource['behavior'], now: Resource['behavior'], name = `${before}-${now}`) {
  const database = shared.database!
  const written = await database.createResource({ name, behavior: before, attributes: attributes() })
  for (const [id, record] of Object.entries(records)) await written.insert({ id, ...record })
  const resource = await database.createResource({ name, behavior: now, attributes: attributes() })
  return { database, resource }
}

const pairs = behaviors.flatMap((before) =>
  behaviors.filter((now) => now !== before).map((now) => [before, now] as const),
)

it.each(pairs)(
  'records written as %s are read, and moved, by a resource that is %s now',
  async (before, now) => {
    const { database, resource } = await changed(before, now)
    const form = formOfResource(resource)
    const other = await database.createResource({
      name: `${resource.name}-copy`,
      behavior: now,
      attributes: {
        first: 'string|optional',
        big: 'string|optional',
        age: 'number|optional',
        name: 'string',
      },
    })
    for (const [id, record] of Object.entries(records)) {
      const object = await storedObject(database, resource.getResourceKey(id))
      expect(form.decode(object, id)).toStrictEqual({ id, ...record })
      const moved = form.rekey(object, formOfResource(other))
      expect(moved).toHaveProperty('metadata')
      if ('metadata' in moved)
        expect(formOfResource(other).decode(moved, id)).toMatchObject({ id, ...record })
    }
  },
)

it.each(['body-overflow', 'user-managed', 'body-only'] as const)(
  'content that was attached is no part of a record of a resource that is %s now',
  async (now) => {
    const before = now === 'body-overflow' ? 'user-managed' : 'body-overflow'
    const { database, resource } = await changed(before, now, `content-${now}`)
    await resource.setContent({ id: 'small', buffer: misleading, contentType: 'application/json' })
    const object = await storedObject(database, resource.getResourceKey('small'))
    expect(JSON.stringify(formOfResource(resource).decode(object, 'small'))).not.toContain('evil')
  },
)
