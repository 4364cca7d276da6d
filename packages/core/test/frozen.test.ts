import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, folderHash } from '../../../tooling/test/frozen-files.ts'
import { diff, openCatalog, restore, verify } from '../src/index.js'
import { contentsOf, memoryTarget } from './database.js'
import { memoryDriver } from './memory-driver.js'

const fixtures = join(import.meta.dirname, '../fixtures')

// These files stand for backups that users have, so they are never edited. A new folder gets a line of its own.
it.each([
  ['format-v1', '63887c7149c80edc17d9d15a87cd827dee1b56c769e3096096cc35a8f2af65ca'],
  ['format-v1-chain', '748ad57795c20ad89ff4a826ca866218b95f3899609ae8af463fcf8323df94fe'],
])('the frozen backups in %s are unchanged, byte for byte', (folder, hash) => {
  expect(folderHash(join(fixtures, folder))).toBe(hash)
})

describe('a chain of format 1 with deletions', () => {
  const driver = memoryDriver({ objects: filesBelow(join(fixtures, 'format-v1-chain')) })
  const ids = [
    'full-2024-03-15T14-30-45-abc123',
    'incremental-2024-03-16T14-30-45-abc123',
    'incremental-2024-03-17T14-30-45-abc123',
  ] as const
  const [full, second, third] = ids

  it.each([
    [full, { people: ['Ann', 'Zoë', 'Cleo', 'Dan'], orders: 2, empty: 0 }],
    [second, { people: ['Anna', 'Cleo', 'Dan', '日本 😀'], orders: 0, empty: 0 }],
    [third, { people: ['Anna', 'Zoë again', 'Cleo', 'Dan'], orders: 1, empty: 1 }],
  ])('%s comes back as the database was then', async (id, { people, orders, empty }) => {
    expect(await verify({ driver, id })).toMatchObject({ ok: true })
    const target = memoryTarget()
    await restore({ driver, id, target })
    const contents = contentsOf(target)
    expect(contents.people?.map(({ name }) => name)).toEqual(people)
    expect([contents.orders?.length ?? 0, contents.empty?.length ?? 0]).toEqual([orders, empty])
  })

  it('brings back the raw form of the newest state, and is one chain', async () => {
    const target = memoryTarget()
    await restore({ driver, id: third, target })
    expect([...(target.raw.get('people') ?? [])]).toEqual([['c', { meta: { name: 'u:Wm/Dqw==' }, body: '' }]])
    expect((await openCatalog(driver).chain(third)).map(({ id }) => id)).toEqual(ids)
  })

  it('lists what changed between its backups', async () => {
    const changes: string[] = []
    for await (const { change, resource, id } of diff({ driver, from: full, to: third }))
      changes.push(`${change} ${resource} ${id}`)
    expect(changes.sort()).toEqual([
      'added empty first',
      'changed people a',
      'changed people b',
      'changed people c',
      'removed orders o2',
    ])
  })
})
