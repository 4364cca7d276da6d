import { describe, expect, it } from 'vitest'
import { backup, openCatalog, type Row, restore } from '../src/index.js'
import { contentsOf, memoryTarget, people, sourceOf } from './database.js'
import { memoryDriver } from './memory-driver.js'

describe('a restore of selected records', () => {
  const contents = { users: people(30), orders: [{ id: 'o1' }] }

  it('names the ids that the backup does not have, restores the others, and says that it is incomplete', async () => {
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf(contents), driver })
    const target = memoryTarget()
    const ids = ['p000007', 'nobody', 'p000021', 'no-one', 'o1']
    await expect(restore({ driver, id, target, ids })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('"nobody", "no-one"'),
      metadata: { backupId: id, notFound: ['nobody', 'no-one'], result: { notFound: ['nobody', 'no-one'] } },
    })
    expect(contentsOf(target)).toEqual({
      users: [contents.users[7], contents.users[21]],
      orders: [{ id: 'o1' }],
    })
  })

  it.each([
    [{ ids: [] }, 'invalid_options', 'ids: names no record'],
    [{ resources: [] }, 'invalid_options', 'The list of resources is empty'],
    [{ resources: ['o?'] }, 'not_found', 'There is no resource "o?"'],
  ])('is refused where it selects nothing: %j', async (selection, code, message) => {
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf(contents), driver })
    await expect(restore({ driver, id, target: memoryTarget(), ...selection })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  it('is complete if each id is in one of the selected resources', async () => {
    const driver = memoryDriver()
    const { id } = await backup({ source: sourceOf(contents), driver })
    const restoring = { driver, id, target: memoryTarget(), ids: ['p000003', 'o1'] }
    expect(await restore(restoring)).toMatchObject({ notFound: [] })
    expect(await restore({ ...restoring, ids: ['p000003'], resources: ['users'] })).toMatchObject({
      notFound: [],
    })
    await expect(restore({ ...restoring, resources: ['users'] })).rejects.toMatchObject({
      metadata: { notFound: ['o1'] },
    })
    const filter = { label: 'old', keep: (row: Row) => Number(row.age) > 10 }
    await expect(restore({ ...restoring, ids: ['p000003'], filter })).rejects.toMatchObject({
      metadata: { notFound: ['p000003'] },
    })
    await expect(restore({ ...restoring, ids: ['nobody'], dryRun: true })).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { notFound: ['nobody'] },
    })
  })
})

it('a target knows which records an incomplete backup lacks, so that replacing does not remove them', async () => {
  const driver = memoryDriver()
  const lost = [{ id: 'x', reason: 'AccessDenied' }]
  const lostWithoutId = [{ reason: 'a page of the listing is missing', count: null }]
  const more = (resource: string) =>
    resource === 'users' ? { lost } : resource === 'orders' ? { lostWithoutId } : {}
  const source = sourceOf({ users: people(2), orders: [], toString: [] }, { more })
  await backup({ source, driver }).catch(() => undefined)
  const { id } = (await openCatalog(driver).list()).backups[0]!
  const target = memoryTarget()
  await restore({ driver, id, target, mode: 'replace', allowIncomplete: true })
  expect(target.plans[0]!.unreadable).toEqual(
    new Map([
      ['users', { ids: new Set(['x']), others: false }],
      ['orders', { ids: new Set(), others: true }],
    ]),
  )
})

describe('a restore of single records from a large backup', () => {
  it('reads little more than the records, and restores them although another part of the backup is damaged', async () => {
    const driver = memoryDriver({ capabilities: { range: true } })
    const users = Array.from({ length: 20_000 }, (_, i) => ({
      id: `u${String(i).padStart(6, '0')}`,
      text: 'a text that fills the members '.repeat(8),
    }))
    const { id, directory, manifest } = await backup({ driver, source: sourceOf({ users }) })
    const bytes = driver.objects.get(`${directory}/users.jsonl.gz`)
    if (bytes !== undefined) bytes[bytes.byteLength >> 1] = (bytes[bytes.byteLength >> 1] ?? 0) ^ 1
    driver.steps.length = 0
    const target = memoryTarget()
    const ids = ['u000003', 'u019998', 'u000001']
    expect((await restore({ driver, id, target, ids })).resources.users).toMatchObject({ restored: 3 })
    expect(contentsOf(target)).toEqual({ users: [users[1], users[3], users[19_998]] })
    expect(driver.steps.filter(({ operation }) => operation === 'get').length).toBeLessThan(12)
    expect(driver.steps.filter(({ key }) => key.includes('users.offsets'))).toHaveLength(1)
    expect(manifest.parts.some(({ holds }) => holds === 'offsets')).toBe(true)
    const damaged = restore({
      driver,
      id,
      target: memoryTarget(),
      ids: ['u010000', 'u009999', 'u010500', 'u009000'],
    })
    await expect(damaged).rejects.toMatchObject({ code: 'corrupt' })
    await expect(restore({ driver, id, target: memoryTarget() })).rejects.toMatchObject({ code: 'corrupt' })
  })
})
