import { describe, expect, it } from 'vitest'
import { openCatalog, prune, remove, restore, verify } from '../src/index.js'
import { deleted, purge, undelete } from '../src/internal.js'
import { memoryTarget } from './database.js'
import { aWorld, day, type World } from './deletion-world.js'

/** Copies the directory of a backup as somebody does with a file manager; all of it, or what is wanted. */
function copy({ driver }: World, id: string, folder: string, wanted = (_file: string) => true): void {
  for (const [key, bytes] of [...driver.objects])
    if (key.startsWith(`${id}/`) && wanted(key)) driver.objects.set(`${folder}/${key}`, bytes)
}

const onlyManifest = (file: string) => file.endsWith('/s3db.json')
const noManifest = (file: string) => !onlyManifest(file)

const everything = async ({ driver }: World) => (await openCatalog(driver).list()).backups.map(({ id }) => id)
const removeAll = (world: World, more: object = {}) =>
  prune({
    driver: world.driver,
    now: world.now,
    plan: (backups) => ({ keep: [], remove: backups.map(({ id }) => ({ id, reasons: ['old'] })) }),
    ...more,
  })

async function aChain() {
  const world = aWorld()
  const [first, second, third] = [await world.full(), await world.incremental(), await world.incremental()]
  return { world, first, second, third }
}

describe('a copy of a backup at another place', () => {
  it.each(['archive', 'zz'])('that is whole (%s) is the same backup, and verify names it', async (folder) => {
    const { world, first, second, third } = await aChain()
    copy(world, second, folder)
    expect(await everything(world)).toEqual([third, second, first])
    const report = await verify({ driver: world.driver, id: third })
    const other = folder < second ? second : `${folder}/${second}`
    expect(report).toMatchObject({
      ok: true,
      copies: [{ id: second, directory: other, complete: true }],
    })
    const target = memoryTarget()
    await restore({ driver: world.driver, id: third, target })
    expect(target.rows.get('users')?.size).toBe(world.contents.get(third)?.length)
  })

  it.each(['archive', 'zz'])(
    'that lacks its parts (%s) hides nothing, and verify says that it does',
    async (folder) => {
      const { world, second, third } = await aChain()
      copy(world, second, folder, onlyManifest)
      const directory = `${folder}/${second}`
      expect(await openCatalog(world.driver).get(second)).toMatchObject({ directory: second })
      expect(await verify({ driver: world.driver, id: third, level: 'quick' })).toMatchObject({
        ok: true,
        copies: [{ id: second, directory, complete: false }],
      })
    },
  )

  it('with another manifest is a conflict that names both places', async () => {
    const { world, first, second } = await aChain()
    const manifest = world.driver.objects.get(`${second}/s3db.json`)!
    world.driver.objects.set(`archive/${first}/s3db.json`, manifest)
    await expect(openCatalog(world.driver).get(first)).rejects.toMatchObject({
      code: 'conflict',
      metadata: { directories: [first, `archive/${first}`] },
    })
  })

  it('is absent if there is no report', async () => {
    const { world, third } = await aChain()
    expect(await verify({ driver: world.driver, id: third })).not.toHaveProperty('copies')
  })
})

describe('with copies,', () => {
  it.each([{}, { force: true }, { deletionGrace: day }])(
    'a backup that has a copy is neither removed nor pruned, nor is what it needs (%j)',
    async (options) => {
      const { world, first, second, third } = await aChain()
      copy(world, second, 'archive')
      const before = [...world.driver.objects.keys()]
      await expect(remove({ driver: world.driver, id: second, ...options })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(`it is in several places, archive/${second} and ${second}`),
        metadata: { directories: [`archive/${second}`, second] },
      })
      expect([...world.driver.objects.keys()]).toEqual(before)

      const { force: _, ...grace } = { force: false, ...options }
      const report = await removeAll(world, grace)
      expect(report.removed.map(({ id }) => id)).toEqual([third])
      expect(report.kept).toMatchObject([
        { id: second, reasons: [expect.stringMatching(/several places.*by hand/)] },
        { id: first, reasons: [`needed by ${second}`] },
      ])
      const target = memoryTarget()
      await restore({ driver: world.driver, id: second, target })
      expect(target.rows.get('users')?.size).toBe(world.contents.get(second)?.length)
    },
  )

  it('the other directory can be deleted once one is removed by hand', async () => {
    const { world, first } = await aChain()
    copy(world, first, 'archive')
    for (const key of [...world.driver.objects.keys()])
      if (key.startsWith(`${first}/`)) world.driver.objects.delete(key)
    const report = await removeAll(world)
    expect(report.kept).toEqual([])
    expect([...world.driver.objects.keys()].filter((key) => !key.startsWith('.leases/'))).toEqual([])
  })

  it('the parts of a deleted backup stay as long as a copy of it lacks some', async () => {
    const { world, first, second, third } = await aChain()
    for (const id of [third, second]) await remove({ driver: world.driver, id, now: world.now })
    await remove({ driver: world.driver, id: first, deletionGrace: day, now: world.now })
    // Somebody restores only the manifest, at another place.
    const note = [...world.driver.objects].find(([key]) => key === `${first}/deleted.json`)!
    const { manifest } = JSON.parse(Buffer.from(note[1]).toString())
    world.driver.objects.set(`archive/${first}/s3db.json`, Buffer.from(manifest))
    world.pass(2 * day)
    const kept = await purge({ driver: world.driver, now: world.now })
    expect(kept).toMatchObject({
      purged: [],
      kept: [{ id: first, reasons: [`a copy at archive/${first} lacks parts`] }],
    })
    copy(world, first, 'archive', (file) => noManifest(file) && !file.endsWith('.json'))
    expect(await purge({ driver: world.driver, now: world.now })).toMatchObject({ purged: [{ id: first }] })
    expect(await deleted({ driver: world.driver })).toEqual([])
    await expect(undelete({ driver: world.driver, id: first })).resolves.toMatchObject({ undeleted: [] })
    const target = memoryTarget()
    await restore({ driver: world.driver, id: first, target })
    expect(target.rows.get('users')?.size).toBe(world.contents.get(first)?.length)
  })
})
