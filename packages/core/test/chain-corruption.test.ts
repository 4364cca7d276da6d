import { describe, expect, it } from 'vitest'
import { backup, deflate, type Row, restore, verify } from '../src/index.js'
import { memoryTarget, people } from './database.js'
import { incrementalSource } from './incremental-source.js'
import { memoryDriver } from './memory-driver.js'

const driver = memoryDriver()
const codecs = [deflate()]
const rows = people(4)
const take = (some: readonly Row[], more: object = {}) => {
  const resources = new Map([['users', new Map(some.map((row) => [row.id, row]))]])
  return backup({ source: incrementalSource(resources), driver, codecs, ...more })
}

const full = await take(rows.slice(0, 3))
const changed = rows.slice(1).map((row, index) => (index === 0 ? { ...row, age: 99 } : row))
const { id, directory } = await take(changed, { type: 'incremental', incremental: {} })
const links = [full.directory, directory]
const files = [...driver.objects.keys()].filter(
  (key) => links.some((link) => key.startsWith(`${link}/`)) && !key.endsWith('started.json'),
)

/** No restore of the newest backup touches its target, and verify of one of both finds something. */
async function expectFound(key: string, bytes: Uint8Array | undefined, what: string) {
  const objects = new Map(driver.objects)
  if (bytes === undefined) objects.delete(key)
  else objects.set(key, bytes)
  const damaged = memoryDriver({ objects })
  const target = memoryTarget()
  await expect(restore({ driver: damaged, id, target }), what).rejects.toMatchObject({
    name: 'BackupError',
    operation: 'restore',
  })
  expect(target.plans, what).toEqual([])
  const reports = await Promise.allSettled([full.id, id].map((one) => verify({ driver: damaged, id: one })))
  const sound = reports.filter((report) => report.status === 'fulfilled' && report.value.ok)
  expect(sound.length, what).toBeLessThan(2)
}

it('the chain is whole before anything is altered', async () => {
  expect(files.length).toBeGreaterThan(6)
  for (const one of [full.id, id]) expect(await verify({ driver, id: one })).toMatchObject({ ok: true })
  await restore({ driver, id, target: memoryTarget() })
})

describe.each(files)('of a chain, %s', (key) => {
  const bytes = driver.objects.get(key)!
  // The manifest has its own test for every byte.
  const stride = key.endsWith('s3db.json') ? 61 : 3

  it('altered or truncated anywhere', async () => {
    for (let at = 0; at < bytes.byteLength; at += stride) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 1 << (at % 8)
      await expectFound(key, altered, `byte ${at}`)
      await expectFound(key, bytes.subarray(0, at), `cut to ${at}`)
    }
  })

  it('missing, or swapped with another', async () => {
    await expectFound(key, undefined, 'missing')
    for (const other of files.filter((file) => !Buffer.from(driver.objects.get(file)!).equals(bytes)))
      await expectFound(other, bytes, `in the place of ${other}`)
  })
})
