import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, type Driver, records, remove, undelete } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { afterEach, beforeEach, expect, it } from 'vitest'
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

async function takeBackup(driver: Driver): Promise<void> {
  const source = records({ users: { records: [{ id: 'u1' }] } })
  await backup({ source, driver, id })
}

it('what is written to a backup later lies beside it, though the template has changed since', async () => {
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

it('a new backup lies where the template of today says', async () => {
  await takeBackup(inFolders(filesystem({ path: root }), '{year}/{month}'))
  expect((await files()).every((file) => file.startsWith(`2024/03/${id}/`))).toBe(true)
})

it('leases and reports belong to no backup and lie where every process looks for them', async () => {
  const driver = inFolders(filesystem({ path: root }), '{year}/{month}')
  const call = { signal: new AbortController().signal, kind: 'part' } as const
  const keys = ['.leases/one.json', 'reports/drill-passed-2024-03-15T14-30-45-abc123.json']
  for (const key of keys) {
    await driver.put(
      key,
      (async function* () {
        yield Buffer.from('{}')
      })(),
      call,
    )
  }
  expect(await files()).toEqual(keys)
})
