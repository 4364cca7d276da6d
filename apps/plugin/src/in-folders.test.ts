import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, type Driver, openCatalog, records, remove } from '@s3db-backup/core'
import { undelete } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { multi } from '@s3db-backup/driver-multi'
import { memory } from '@s3db-backup/driver-testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inFolders } from './in-folders.js'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'in-folders-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const files = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()

const id = 'full-2024-03-15T14-30-45-abc123'

async function takeBackup(driver: Driver, as = id): Promise<void> {
  const source = records({ users: { records: [{ id: 'u1' }] } })
  await backup({ source, driver, id: as })
}

const { signal } = new AbortController()

async function* body(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function listed(driver: Driver, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of driver.list(prefix, { signal })) keys.push(key)
  return keys.sort()
}

it('later files of a backup are stored with it, even if the template has changed since', async () => {
  await takeBackup(inFolders(filesystem({ path: root }), '{year}'))
  const before = await files()
  expect(before.every((file) => file.startsWith(`2024/${id}/`))).toBe(true)

  const driver = inFolders(filesystem({ path: root }), '{year}/{month}')
  await remove({ driver, id, deletionGrace: 60_000 })
  const deleted = await files()
  expect(deleted).toContain(`2024/${id}/deleted.json`)
  expect(deleted.every((file) => file.startsWith(`2024/${id}/`))).toBe(true)

  await undelete({ driver, id })
  expect(await files()).toEqual(before)
})

it('a new backup is stored where the current template says', async () => {
  await takeBackup(inFolders(filesystem({ path: root }), '{year}/{month}'))
  expect((await files()).every((file) => file.startsWith(`2024/03/${id}/`))).toBe(true)
})

it('leases and reports belong to no backup and are stored where every process looks for them', async () => {
  const driver = inFolders(filesystem({ path: root }), '{year}/{month}')
  const objects = [
    { key: '.leases/one.json', kind: 'lease' },
    { key: 'reports/drill-passed-2024-03-15T14-30-45-abc123.json', kind: 'report' },
  ] as const
  for (const { key, kind } of objects) {
    await driver.put(key, body('{}'), { signal, kind })
    expect(await textOf(driver.get(key, { signal, kind }))).toBe('{}')
  }
  const keys = objects.map(({ key }) => key)
  expect(await files()).toEqual(keys)
  expect(await listed(driver, '.leases/')).toEqual(keys.slice(0, 1))
  expect(await listed(driver, 'reports/')).toEqual(keys.slice(1))
  for (const key of keys) await driver.delete(key, { signal })
  expect(await files()).toEqual([])
})

it('backups written with another template, or with none, are read, listed and deleted in place', async () => {
  for (const [index, template] of ['{year}', '', 'all/{type}/{month}'].entries()) {
    const old = `full-2024-03-15T14-30-4${index}-abc123`
    await takeBackup(inFolders(filesystem({ path: root }), template), old)
    // A driver that has listed everything knows the place; one that has not looks for it.
    for (const first of [async () => undefined, (driver: Driver) => listed(driver, '')]) {
      const driver = inFolders(filesystem({ path: root }), '{year}/{month}')
      await first(driver)
      expect(await listed(driver, `${old}/`)).toEqual([
        `${old}/s3db.json`,
        `${old}/started.json`,
        `${old}/users.index.jsonl.gz`,
        `${old}/users.jsonl.gz`,
      ])
      expect(await textOf(driver.get(`${old}/s3db.json`, { signal, kind: 'manifest' }))).toContain(old)
    }
    await remove({ driver: inFolders(filesystem({ path: root }), '{year}/{month}'), id: old })
  }
  expect(await files()).toEqual([])
})

it('a used id is detected, whatever template it was written with', async () => {
  await takeBackup(inFolders(filesystem({ path: root }), '{year}'), 'nightly')
  const again = takeBackup(inFolders(filesystem({ path: root }), '{year}/{month}'), 'nightly')
  await expect(again).rejects.toMatchObject({ code: 'conflict' })
})

describe.each(['flat', 'production/{date}'])('with backups in %s, below several destinations', (folder) => {
  /** What it takes to list and remove, with so many backups there. */
  async function effort(backups: number) {
    const inner = memory()
    const count = { everything: 0, keys: 0 }
    const counting: Driver = {
      ...inner,
      async *list(prefix, call) {
        if (prefix === '') count.everything += 1
        for await (const info of inner.list(prefix, call)) {
          count.keys += 1
          yield info
        }
      },
    }
    const counted = async (work: () => Promise<unknown>) => {
      Object.assign(count, { everything: 0, keys: 0 })
      await work()
      return { ...count }
    }
    const driver = multi({ drivers: [inFolders(counting, folder)] })
    const source = () => records({ a: { records: [{ id: '1' }] }, b: { records: [{ id: '1' }] } })
    let last = ''
    const making = await counted(async () => {
      for (let made = 0; made < backups; made++) last = (await backup({ source: source(), driver })).id
    })
    const objects = inner.objects.size
    const listing = await counted(() => openCatalog(driver).list())
    const removing = await counted(() => remove({ driver, id: last }))
    return { objects, making, listing, removing }
  }

  it('lists only what is needed, and not everything for each backup', async () => {
    const [few, many] = [await effort(4), await effort(16)]
    expect(many.making).toEqual({ everything: 0, keys: 4 * few.making.keys })
    expect(many.listing).toEqual({ everything: 1, keys: many.objects })
    expect(many.removing.everything).toBe(few.removing.everything)
    expect(many.removing.keys - few.removing.keys).toBeLessThan(
      (many.removing.everything + 1) * (many.objects - few.objects),
    )
  })
})
