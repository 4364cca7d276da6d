import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackupError, backup, type Driver, remove, verify } from '@s3db-backup/core'
import { rotateKeys } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { memory } from '@s3db-backup/driver-testkit'
import { encryption, keygen, rotate } from '@s3db-backup/encryption'
import { afterAll, describe, expect, test } from 'vitest'
import { all, body, call, read, source } from '../test/scene.js'
import { multi } from './multi.js'
import type { Strategy } from './multi-driver.js'
import { backupTo } from './replicas/backup-to.js'

const root = mkdtempSync(join(tmpdir(), 'multi-finished-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const places = {
  memory: () => memory(),
  files: () => filesystem({ path: mkdtempSync(join(root, 'place-')) }),
}
const kinds = ['memory', 'files'] as const
const strategies: readonly Strategy[] = ['all', 'any', 'priority']
const cases = strategies.flatMap((strategy) => kinds.map((kind) => [strategy, kind] as const))

const configuration = { algorithm: 'AES-256-GCM', key: keygen() } as const
const before = encryption(configuration)
const after = encryption({ algorithm: 'AES-256-GCM', key: keygen() })

/** Each key that a destination holds, with what lies under it. */
async function contents(driver: Driver): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { key } of (await all(driver.list('', call))).sort((a, b) => (a.key < b.key ? -1 : 1)))
    found[key] = createHash('sha256')
      .update(await read(driver.get(key, call)))
      .digest('hex')
  return found
}

/** A storage that is full for some keys, as soon as it is told so. */
function full(driver: Driver, isRefused: (key: string) => boolean) {
  const state = { refusing: false }
  const put: Driver['put'] = async (key, bytes, given) => {
    if (state.refusing && isRefused(key)) throw new BackupError('no_space', 'The disk is full')
    return driver.put(key, bytes, given)
  }
  return { driver: { ...driver, put }, state }
}

describe.each(cases)('a finished backup at destinations of "%s" (%s)', (strategy, kind) => {
  async function scene(isRefused: (key: string) => boolean) {
    const inner = [places[kind](), places[kind]()]
    const [one, other] = inner.map((driver) => full(driver, isRefused))
    const driver = multi({ strategy, drivers: [one!.driver, other!.driver] })
    const { id } = await backupTo(driver, (to) =>
      backup({ source: source(), driver: to, encryption: before }),
    )
    const held = await Promise.all(inner.map(contents))
    return { inner, states: [one!.state, other!.state], driver, id, held }
  }

  test.each([0, 1])('outlives a new key file that destination %i has no room for', async (refusing) => {
    const { inner, states, driver, id, held } = await scene((key) => key.includes('/keys.'))
    states[refusing]!.refusing = true
    const rotation = () =>
      rotateKeys({ driver, id, rotate: (stored) => rotate({ ...stored, open: before, recipients: after }) })
    const outcome = await rotation().catch((error: unknown) => error)

    // With "priority" the second destination has nothing of the backup, and is not asked.
    const concerned = held[refusing]![`${id}/s3db.json`] !== undefined
    expect(outcome instanceof BackupError).toBe(concerned)
    if (!concerned) return
    for (const [index, place] of inner.entries()) expect(await contents(place)).toEqual(held[index]!)
    for (const [index, place] of inner.entries())
      if (held[index]![`${id}/s3db.json`] !== undefined)
        expect(await verify({ driver: place, id, encryption: before })).toMatchObject({ ok: true })

    // When there is room again, the same driver stores the backup.
    states[refusing]!.refusing = false
    const { file } = await rotation()
    for (const [index, place] of inner.entries()) {
      if (held[index]![`${id}/s3db.json`] === undefined) continue
      expect(await contents(place)).toHaveProperty([`${id}/${file}`])
      expect(await verify({ driver: place, id, encryption: after })).toMatchObject({ ok: true })
    }
  })

  test.each([0, 1])('outlives a note of deletion that destination %i has no room for', async (refusing) => {
    const { inner, states, driver, id, held } = await scene((key) => key.includes('/deleted.'))
    states[refusing]!.refusing = true
    const outcome = await remove({ driver, id, deletionGrace: 60_000 }).catch((error: unknown) => error)
    const concerned = held[refusing]![`${id}/s3db.json`] !== undefined
    expect(outcome instanceof BackupError).toBe(concerned)
    if (!concerned) return
    for (const [index, place] of inner.entries()) expect(await contents(place)).toEqual(held[index]!)
  })
})

describe.each(strategies)('files beside the backups ("%s")', (strategy) => {
  test('a lease that cannot be stored removes no other one, and does not stop the next', async () => {
    const inner = [memory(), memory()]
    const [one, other] = inner.map((driver) => full(driver, (key) => key.includes('second')))
    one!.state.refusing = true
    const driver = multi({ strategy, drivers: [one!.driver, other!.driver] })
    await driver.put('.leases/first.json', body(20), { ...call, kind: 'lease' })
    const held = inner.map(({ objects }) => [...objects.keys()])
    await driver.put('.leases/second.json', body(20), { ...call, kind: 'lease' }).catch(() => undefined)
    for (const [index, { objects }] of inner.entries())
      expect([...objects.keys()]).toEqual(expect.arrayContaining(held[index]!))
    await driver.put('.leases/third.json', body(20), { ...call, kind: 'lease' })
    expect(await all(driver.list('.leases/third', call))).toHaveLength(1)
  })
})
