import { memory } from '@s3db-backup/driver-testkit'
import { BackupPlugin } from '@s3db-backup/plugin'
import { S3db } from 's3db.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What is asked of the storage: whole listings, and manifests that are read. */
const asked = { listings: 0, manifests: 0 }
const inner = memory()
const driver: typeof inner = {
  ...inner,
  get(key, call) {
    if (key.endsWith('/s3db.json')) asked.manifests += 1
    return inner.get(key, call)
  },
  list(prefix, call) {
    if (prefix === '') asked.listings += 1
    return inner.list(prefix, call)
  },
}

const many = 30
const db = new S3db({ connectionString: 'memory://requests/test', logLevel: 'silent' })
const plugin = new BackupPlugin({ driver, retention: { keepLast: many + 10 }, deletionGrace: 1000 })
let last = ''

beforeAll(async () => {
  await db.connect()
  await db.usePlugin(plugin)
  await (await db.createResource({ name: 'users', attributes: { name: 'string' } })).insert({ name: 'Ada' })
  for (let i = 0; i < many; i++) last = (await plugin.backup('full')).id
})

afterAll(() => db.disconnect())

async function counting(work: () => Promise<unknown>) {
  Object.assign(asked, { listings: 0, manifests: 0 })
  await work()
  return { ...asked }
}

describe('at a destination of many backups', () => {
  it('a list takes one listing, and each manifest once', async () => {
    expect(await counting(() => plugin.list())).toEqual({ listings: 1, manifests: many })
  })

  it('the status of a backup takes one listing and one manifest', async () => {
    expect(await counting(() => plugin.getBackupStatus(last))).toEqual({ listings: 1, manifests: 1 })
  })

  it('the status of a missing backup takes one listing', async () => {
    expect(await counting(() => plugin.getBackupStatus('full-nothing'))).toEqual({
      listings: 1,
      manifests: 0,
    })
  })

  it('the content of a backup takes one listing and one manifest', async () => {
    expect(await counting(() => plugin.describe(last))).toEqual({ listings: 1, manifests: 1 })
  })

  it('a cleanup takes one listing, and each manifest once', async () => {
    expect(await counting(() => plugin.cleanupBackups())).toEqual({ listings: 1, manifests: many })
  })

  it('a backup with retention takes two listings: for its parent or predecessor, and for the cleanup', async () => {
    const full = await counting(() => plugin.backup('full'))
    expect(full.listings).toBe(2)
    const incremental = await counting(() => plugin.backup('incremental'))
    expect(incremental.listings).toBe(2)
  })

  it('an undelete lists before and after taking its lease, and reads no manifests of others', async () => {
    await plugin.deleteBackup(last)
    const undelete = await counting(() => plugin.deleted.restore(last))
    expect(undelete.listings).toBe(2)
    expect(undelete.manifests).toBeLessThanOrEqual(2)
  })
})
