import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  type Batch,
  consolidate,
  type JsonValue,
  type Row,
  restore,
  type Target,
  verify,
} from '../src/index.js'
import type { Manifest } from '../src/manifest.js'
import { expectDifferences, expectSalvage } from './agreements.js'
import { type BookContents, readByTheBook } from './by-the-book.js'
import { memoryTarget } from './database.js'
import { type ForgedBackup, manifestOf, objectsOf } from './forge.js'
import { forgedBackups } from './lies.js'
import { type MemoryDriver, memoryDriver } from './memory-driver.js'

/** A day: a long run takes as long as it takes. */
const forever = 24 * 60 * 60 * 1000

/** How many forgeries are looked at. A long run: S3DB_BACKUP_LAW_RUNS=100000, as in `.ci/long`. */
const runs = Number(process.env.S3DB_BACKUP_LAW_RUNS ?? 300)

/** What lies on a destination; a backup may be copied, of one object a byte may be altered, or all of it gone. */
const destinations = fc.record({
  backups: forgedBackups,
  copy: fc.option(
    fc.record({
      backup: fc.nat(2),
      folder: fc.constantFrom('a', 'z'),
      what: fc.constantFrom('all', 'manifest', 'half'),
    }),
    { freq: 3, nil: undefined },
  ),
  damage: fc.option(fc.record({ object: fc.nat(), byte: fc.nat(), gone: fc.boolean() }), {
    freq: 5,
    nil: undefined,
  }),
})

function store({
  backups,
  copy,
  damage,
}: typeof destinations extends fc.Arbitrary<infer T> ? T : never): MemoryDriver {
  const driver = memoryDriver({ objects: objectsOf(backups) })
  const copied = copy === undefined ? undefined : backups[copy.backup % backups.length]?.id
  for (const [at, [key, bytes]] of [...driver.objects].entries())
    if (
      key.startsWith(`${copied}/`) &&
      (copy?.what === 'all' || isManifest(key) || (copy?.what === 'half' && at % 2 === 0))
    )
      driver.objects.set(`${copy?.folder}/${key}`, bytes)
  const keys = [...driver.objects.keys()]
  const key = damage === undefined ? undefined : keys[damage.object % keys.length]
  const bytes = key === undefined ? undefined : driver.objects.get(key)
  if (damage === undefined || key === undefined || bytes === undefined) return driver
  if (damage.gone || bytes.byteLength === 0) driver.objects.delete(key)
  else {
    const altered = Buffer.from(bytes)
    altered[damage.byte % bytes.byteLength]! ^= 4
    driver.objects.set(key, altered)
  }
  return driver
}

/** What a restore into an empty database brings; the error if it refuses. */
async function restored(driver: MemoryDriver, id: string): Promise<BookContents | Error> {
  const target = memoryTarget()
  try {
    await restore({ driver, id, target, allowIncomplete: true })
  } catch (error) {
    expect(target.plans, 'a refused backup does not reach the target').toEqual([])
    return error as Error
  }
  const { different, target: comparing } = comparison(target)
  await restore({ driver, id, target: comparing, allowIncomplete: true, verify: false })
  expect(different, 'the drill compares equal').toEqual([])
  return Object.fromEntries(
    [...target.rows].map(([name, rows]) => [
      name,
      Object.fromEntries([...rows].map(([id, row]) => [id, { row, raw: target.raw.get(name)?.get(id) }])),
    ]),
  )
}

/** A target that compares what it is given with what another one has, as a drill does. */
function comparison({ rows, raw }: ReturnType<typeof memoryTarget>) {
  const different: string[] = []
  const sameAs = (name: string, row: Row, own: JsonValue | undefined) =>
    JSON.stringify([rows.get(name)?.get(row.id), raw.get(name)?.get(row.id)]) === JSON.stringify([row, own])
  const target: Target = {
    open: async () => undefined,
    async write(name, batches: AsyncIterable<Batch>) {
      for await (const batch of batches)
        for (const row of batch.rows) if (!sameAs(name, row, batch.raw?.get(row.id))) different.push(row.id)
      return { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
  return { different, target }
}

/** What the book says of what lies there: of copies it is given the one that is to be read. */
function byTheBook({ objects }: MemoryDriver, backups: readonly ForgedBackup[], id: string) {
  const originals = new Map(objectsOf(backups))
  const manifests = new Map<string, Manifest>()
  const read = new Map<string, Uint8Array>()
  for (const backup of backups) {
    const manifest = manifestOf(backup)
    const key = `${backup.id}/s3db.json`
    const copies = [...objects.keys()].filter((one) => one === key || one.endsWith(`/${key}`)).sort()
    const isSound = (one: string) =>
      originals.get(key) !== undefined && isEqual(objects.get(one), originals.get(key))
    if (copies.length === 0 || !copies.every(isSound)) continue
    const directories = copies.map((one) => one.slice(0, -'/s3db.json'.length))
    const parts = (directory: string) =>
      manifest.parts.filter(({ file, bytes }) => objects.get(`${directory}/${file}`)?.byteLength === bytes)
        .length
    const most = Math.max(...directories.map(parts))
    const chosen = directories.find((directory) => parts(directory) === most)
    manifests.set(backup.id, manifest)
    for (const [name, bytes] of objects)
      if (name.startsWith(`${chosen}/`)) read.set(`${backup.id}${name.slice(chosen?.length)}`, bytes)
  }
  return readByTheBook({ manifests, objects: read }, id)
}

const isManifest = (key: string) => key.endsWith('/s3db.json')
const isEqual = (one: Uint8Array = none, other: Uint8Array = none) => Buffer.from(one).equals(other)
const none = new Uint8Array(0)

it(
  'a backup verifies if and only if it can be restored, and is restored as the format says',
  async () => {
    const seen = { sound: 0, refused: 0 }
    const law = fc.asyncProperty(destinations, async (given) => {
      const driver = store(given)
      const all = new Map<string, BookContents>()
      for (const { id } of given.backups) {
        const book = byTheBook(driver, given.backups, id)
        const report = await verify({ driver, id }).catch((error: Error) => ({
          ok: false,
          problems: [error],
        }))
        const contents = await restored(driver, id)
        const why = `${id}: the book says ${JSON.stringify(book)}, verify ${report.ok} ${report.problems}, restore ${contents instanceof Error ? contents : 'restores'}`
        seen[report.ok ? 'sound' : 'refused'] += 1
        expect(contents instanceof Error, why).toBe(!report.ok)
        expect(typeof book === 'string', why).toBe(!report.ok)
        if (report.ok) expect(contents, why).toEqual(book)
        await expectConsolidation(driver, id, report.ok, contents)
        await expectSalvage(driver, id, report, given.backups)
        if (!(contents instanceof Error)) all.set(id, contents)
      }
      await expectDifferences(driver, given.backups, all)
    })
    await fc.assert(law, { numRuns: runs })
    // A generator that makes only sound backups, or only forged ones, would prove nothing.
    expect(seen.sound).toBeGreaterThan(runs / 10)
    expect(seen.refused).toBeGreaterThan(runs / 10)
  },
  forever,
)

/** A consolidation takes what verifies and is complete, and gives the same records. */
async function expectConsolidation(
  driver: MemoryDriver,
  id: string,
  ok: boolean,
  contents: BookContents | Error,
): Promise<void> {
  const place = memoryDriver({ objects: driver.objects })
  const result = await consolidate({ driver: place, id }).catch((error: Error) => error)
  if (result instanceof Error) {
    expect(ok && !/lacks records/.test(result.message), `${id}: consolidate says ${result}`).toBe(false)
    return
  }
  expect(ok, `${id}: consolidate takes what verify refuses`).toBe(true)
  expect(await verify({ driver: place, id: result.id })).toMatchObject({ ok: true })
  // Empty internal resources are left out.
  const filled = (all: BookContents | Error) =>
    Object.fromEntries(Object.entries(all).filter(([, records]) => Object.keys(records).length > 0))
  expect(filled(await restored(place, result.id))).toEqual(filled(contents))
}
