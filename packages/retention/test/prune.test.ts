import {
  BackupError,
  backup,
  type CatalogEntry,
  type Driver,
  openCatalog,
  prune,
  records,
} from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { type Backup, type PolicyInput, parsePolicy, plan } from '../src/index.js'

const hour = 3_600_000
const start = Date.parse('2024-03-01T02:00:00Z')

function memory(): Driver {
  const objects = new Map<string, Uint8Array>()
  return {
    name: 'memory',
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', key)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, { byteLength }] of [...objects])
        if (key.startsWith(prefix)) yield { key, bytes: byteLength }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

const toBackup = ({ id, manifest }: CatalogEntry): Backup => ({
  id,
  startedAt: manifest.exportedAt,
  parent: manifest.parent,
  complete: manifest.status === 'completed',
})

async function makeBackups(driver: Driver, hours: readonly number[]): Promise<void> {
  for (const at of hours) {
    const source = records({ planets: { records: [{ id: 'mars', moons: 2 }] } })
    await backup({ source, driver, id: `full-${at}`, now: () => new Date(start + at * hour) })
  }
}

const pruneBy = (driver: Driver, input: PolicyInput, options: { force?: boolean; dryRun?: boolean } = {}) =>
  prune({
    driver,
    dryRun: options.dryRun ?? false,
    plan: (entries, now) =>
      plan(entries.map(toBackup), parsePolicy(input), now, { force: options.force ?? false }),
    now: () => new Date(start + 1000 * hour),
  })

const idsAt = async (driver: Driver) => (await openCatalog(driver).list()).backups.map(({ id }) => id)

test('backups that the policy deletes are removed from the storage, and the rest can still be listed', async () => {
  const driver = memory()
  await makeBackups(driver, [0, 12, 24, 36])
  const report = await pruneBy(driver, { daily: 2 })
  expect(report.removed.map(({ id, reasons }) => `${id}: ${reasons.join()}`)).toEqual([
    'full-0: day 2024-03-01 has a newer one',
    'full-24: day 2024-03-02 has a newer one',
  ])
  expect(await idsAt(driver)).toEqual(['full-36', 'full-12'])
})

test('a blocked plan is shown by a dry run, refused, and carried out with force', async () => {
  const driver = memory()
  await makeBackups(driver, [0, 24, 48, 72, 96, 120])
  const policy = { keepLast: 1 }
  expect(await pruneBy(driver, policy, { dryRun: true })).toMatchObject({
    blocked: expect.stringContaining('5 of 6'),
  })
  await expect(pruneBy(driver, policy)).rejects.toMatchObject({ code: 'conflict' })
  expect(await idsAt(driver)).toHaveLength(6)
  await pruneBy(driver, policy, { force: true })
  expect(await idsAt(driver)).toEqual(['full-120'])
})
