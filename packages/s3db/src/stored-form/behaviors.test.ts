import type { Database } from 's3db.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  formOfResource,
  openDatabase,
  type Resource,
  storedAgain,
  storedObject,
  upstreamDecode,
} from './test/real-database.js'

/** New each time: s3db.js adds to the definitions it is given. */
const attributes = () => ({
  t: 'string',
  n: 'number|optional',
  d: 'datetime|optional',
  big: 'string|optional',
  tags: 'array|items:string|optional',
  o: 'json|optional',
  a: { $$type: 'object|optional', x: 'string|optional', k: 'number|integer:true|optional' },
})
const full = {
  t: 'é|x',
  n: 1.25,
  d: '2024-01-01T00:00:00.000Z',
  tags: ['a|b', 'c'],
  o: { q: [1, { z: null }] },
  a: { x: 'y', k: 3 },
}
const misleading = '{"0":"evil","t":"evil"}'

const shared: { database?: Database } = {}
beforeAll(async () => {
  shared.database = await openDatabase()
})
afterAll(() => shared.database?.disconnect())

/** Records in every state that a behaviour leaves behind. */
async function states(behavior: Resource['behavior'], timestamps: boolean): Promise<Resource> {
  const resource = await shared.database!.createResource({
    name: `${behavior}-${timestamps}`,
    behavior,
    timestamps,
    attributes: attributes(),
  })
  await resource.insert({ id: 'inserted', ...full })
  await resource.insert({ id: 'small', t: 'x' })
  const takesMore = behavior !== 'enforce-limits' && behavior !== 'truncate-data'
  if (takesMore) await resource.insert({ id: 'large', ...full, big: 'B'.repeat(5000) })
  for (const id of ['updated', 'patched', 'content']) await resource.insert({ id, ...full })
  await resource.update('updated', { n: 9 })
  await resource.patch('patched', { t: 'p' })
  if (takesMore) await resource.update('large', { n: 10 })
  await resource.setContent({ id: 'content', buffer: misleading, contentType: 'application/json' })
  return resource
}

describe.each(['user-managed', 'body-overflow', 'body-only', 'enforce-limits', 'truncate-data'] as const)(
  '%s',
  (behavior) => {
    it.each([false, true])(
      'reads each record as s3db.js does, and never content as a record (timestamps: %s)',
      async (timestamps) => {
        const database = shared.database!
        const resource = await states(behavior, timestamps)
        const form = formOfResource(resource)
        const { Contents = [] } = await database.client.listObjects({
          prefix: `resource=${resource.name}/data/`,
          maxKeys: 1000,
        })
        expect(Contents.length).toBeGreaterThanOrEqual(5)
        for (const { Key = '' } of Contents) {
          const id = Key.slice(Key.indexOf('/id=') + 4)
          const object = await storedObject(database, Key)
          const row = form.decode(object, id)!
          expect(JSON.stringify(row)).not.toContain('evil')
          if (id !== 'content' || behavior !== 'body-only') {
            expect(row, id).toStrictEqual(await upstreamDecode(resource, object, id))
          }
          if (!form.reproduces(object, row)) continue
          expect(await storedAgain(database, form.encode(row, 'v1')!), id).toStrictEqual(object)
        }
      },
    )

    it('needs no raw form for records that fit into metadata and were never changed', async () => {
      const database = shared.database!
      const resource = await database.createResource({
        name: `${behavior}-fresh`,
        behavior,
        attributes: attributes(),
      })
      const form = formOfResource(resource)
      await resource.insert({ id: 'inserted', ...full })
      const object = await storedObject(database, resource.getResourceKey('inserted'))
      expect(form.reproduces(object, form.decode(object, 'inserted')!)).toBe(behavior !== 'body-only')
    })
  },
)
