import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, records } from '@s3db-backup/core'
import { BackupPlugin, openDriver } from '@s3db-backup/plugin'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'

let home: string
let path: string
const many = 20
const ids: string[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 's3db-backup-manifests-'))
  path = join(home, 'backups')
  const driver = openDriver({ driver: 'filesystem', config: { path } })
  for (let i = 0; i < many; i++) {
    const source = records({ users: { records: [{ id: `u${i}` }] } })
    ids.push((await backup({ source, driver, verify: false })).id)
  }
})

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'cache'))
})

afterEach(() => vi.unstubAllEnvs())

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

const plugin = (manifestCache?: boolean) =>
  new BackupPlugin({ driver: 'filesystem', config: { path }, manifestCache })

const kept = () => readdir(join(home, 'cache', 's3db-backup', 'manifests')).catch(() => [])

it('nothing is cached without the option manifestCache', async () => {
  await plugin().list()
  expect(await kept()).toEqual([])
})

it('a list caches each manifest, and the next one shows the same without reading it', async () => {
  const first = await plugin(true).list()
  expect(first).toHaveLength(many)
  expect(await kept()).toHaveLength(many)
  expect(await plugin(true).list()).toEqual(first)
  expect(await plugin().list()).toEqual(first)
})

it('status and describe use the cache, a verification reads the destination', async () => {
  const [id = ''] = ids
  const file = join(path, id, 's3db.json')
  const before = await readFile(file)
  expect(await plugin(true).getBackupStatus(id)).toMatchObject({ id, status: 'completed' })
  expect(await plugin(true).describe(id)).toMatchObject({ id, records: 1 })
  const damaged = Buffer.from(before)
  damaged[20] = (damaged[20] ?? 0) ^ 1
  await writeFile(file, damaged)
  await expect(plugin(true).verify(id)).rejects.toMatchObject({ code: 'corrupt' })
  await writeFile(file, before)
})

it('a replaced manifest is shown as it is now', async () => {
  const [, id = ''] = ids
  await plugin(true).list()
  await writeFile(join(path, id, 's3db.json'), 'no manifest')
  const damaged = (await plugin(true).list()).filter(({ status }) => status === 'damaged')
  expect(damaged.map((entry) => entry.id)).toEqual([id])
})

it('altered files in the cache are read from the destination', async () => {
  const folder = join(home, 'cache', 's3db-backup', 'manifests')
  const before = await plugin().list()
  for (const name of await kept()) {
    const bytes = await readFile(join(folder, name))
    bytes[100] = (bytes[100] ?? 0) ^ 1
    await writeFile(join(folder, name), bytes)
  }
  expect(await plugin(true).list()).toEqual(before)
})
