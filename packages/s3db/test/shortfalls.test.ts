import { describe, expect, it } from 'vitest'
import { backUp, openNew, ours, restoreInto, stored } from './databases.js'

const long = 'x'.repeat(900)

async function withLongValue() {
  const source = await openNew('memory')
  const users = await source.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string' },
    asyncPartitions: false,
    behavior: 'body-overflow',
    partitions: { byRegion: { fields: { region: 'string' } }, byName: { fields: { name: 'string' } } },
  })
  await users.insert({ id: 'a', name: 'A', region: 'US' })
  await users.insert({ id: 'b', name: 'B', region: long })
  return source
}

describe('a record whose value is too long for a partition of the target', () => {
  it.each(['skip', 'merge', 'replace'] as const)(
    'is restored, and the missing reference is reported (%s)',
    async (mode) => {
      const made = await backUp(await withLongValue())
      const target = await openNew('file')
      const heard: unknown[] = []
      const restore = () =>
        restoreInto(target, made, {
          mode,
          onEvent: (event) => event.type === 'restore-resource' && heard.push(event.report),
        })
      const { resources } = await restore()
      const told = {
        reason: expect.stringContaining('"byRegion": its value is too long'),
        records: 1,
        ids: ['b'],
      }
      expect(resources.users).toMatchObject({ restored: 2, failed: [], shortfalls: [told] })
      expect(heard).toEqual([resources.users])
      expect(await target.resources.users!.get('b')).toMatchObject({ name: 'B', region: long })
      const asked = { partition: 'byName', partitionValues: { name: 'B' } }
      expect(await target.resources.users!.listIds(asked)).toEqual(['b'])

      const before = await stored(target, 'resource=')
      const { users } = (await restore()).resources
      expect(users?.failed).toEqual([])
      expect(users?.shortfalls).toEqual(mode === 'skip' ? undefined : [told])
      expect(await stored(target, 'resource=')).toEqual(before)
      await restoreInto(target, made, { mode: 'merge', ids: ['b'] })
    },
  )

  it('is not written if the storage refuses everything', async () => {
    const made = await backUp(await withLongValue())
    const target = await openNew('memory')
    const { client } = ours(target)
    const { putObject } = client
    client.putObject = async (object) => {
      if (object.key.includes('/partition='))
        throw Object.assign(new Error('no room'), { code: 'ServiceUnavailable', statusCode: 503 })
      return putObject.call(client, object)
    }
    await expect(restoreInto(target, made)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await stored(target, 'resource=users/data/')).toEqual(new Map())
  })
})
