import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Encryption, openCatalog, restore, verify } from '@s3db-backup/core'
import { encryption } from '@s3db-backup/encryption'
import { afterAll, describe, expect, it } from 'vitest'
import { contentsOf, memoryTarget } from '../../packages/core/test/database.ts'
import { destination } from './fuzz/destination.ts'
import { objectsIn } from './fuzz/fixtures.ts'
import { forgedId, forgedManifest, sealed, sha256 } from './hostile/forge.ts'
import { record } from './record.ts'

// Backups that were written once and are never rewritten. Everything below a package's fixtures is found by its
// manifests, so a new fixture is tested without a change here. Those of format-conformance are damaged in a hundred
// ways, and their index has the expected result of each: their own test checks that.

const packages = join(import.meta.dirname, '../../packages')

/** Folders that hold backups, and are the root of a destination. */
const places = readdirSync(packages)
  .filter((name) => name !== 'format-conformance')
  .map((name) => join(packages, name, 'fixtures'))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((folder) => [...objectsIn(folder).keys()].some((key) => key.endsWith('/s3db.json')))

/** The key that lies beside encrypted fixtures. */
function keyOf(place: string): Encryption | undefined {
  const file = join(place, 'secrets.json')
  if (!existsSync(file)) return undefined
  const { key }: { key: string } = JSON.parse(readFileSync(file, 'utf8'))
  return encryption({ algorithm: 'AES-256-GCM', key })
}

/** What a fixture is for shows in its name; all others are in order. */
const refused: Readonly<Record<string, string>> = {
  truncated: 'corrupt',
  'future-version': 'incompatible_format',
}

/** What each restored to when it was first seen here: the records, in their order, with their raw forms. */
const recordsFile = join(import.meta.dirname, 'compatibility-records.json')
const recorded: Readonly<Record<string, string>> = JSON.parse(readFileSync(recordsFile, 'utf8'))

async function restored(driver: ReturnType<typeof destination>, id: string, opened: Encryption | undefined) {
  const target = memoryTarget()
  await restore({ driver, id, target, ...(opened === undefined ? {} : { encryption: opened }) })
  const raw = [...target.raw].map(([name, forms]) => [name, [...forms]])
  return JSON.stringify([Object.entries(contentsOf(target)), raw])
}

const counts = { 'restored to what was recorded': 0, 'refused with a clear message': 0 }
const found: Record<string, string> = {}

describe.each(places.map((place) => [relative(packages, place).replaceAll(sep, '/'), place] as const))(
  '%s',
  (name, place) => {
    const objects = objectsIn(place)
    const ids = [...objects.keys()]
      .filter((key) => key.endsWith('/s3db.json'))
      .map((key) => key.split('/').at(-2) ?? '')
    const driver = destination(objects)
    const opened = keyOf(place)
    const key = opened === undefined ? {} : { encryption: opened }

    it.each(ids)('%s', async (id) => {
      const code = refused[id]
      if (code !== undefined) {
        await expect(restored(driver, id, opened)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(/\w+ \w+/),
        })
        counts['refused with a clear message'] += 1
        return
      }
      expect(await verify({ driver, id, ...key })).toMatchObject({ ok: true })
      const hash = sha256(Buffer.from(await restored(driver, id, opened)))
      // A new fixture counts as correct if its own hashes match; the next `pnpm test:trust` records it.
      expect(hash).toBe(recorded[`${name}/${id}`] ?? hash)
      found[`${name}/${id}`] = hash
      counts['restored to what was recorded'] += 1
    })

    it('all of them are listed', async () => {
      const { backups, damaged } = await openCatalog(driver).list()
      expect([...backups, ...damaged].map(({ id }) => id).sort()).toEqual([...ids].sort())
      expect(damaged.every(({ problem }) => problem.code === 'incompatible_format')).toBe(true)
    })
  },
)

it('no recorded fixture is missing', () => {
  expect(Object.keys(recorded).length).toBeGreaterThan(8)
  expect(Object.keys(found)).toEqual(expect.arrayContaining(Object.keys(recorded)))
})

const part = { file: 'users.jsonl', content: '{"id":"a"}\n' }
const entry = { users: { ordered: false } }
const here = (manifest: unknown) =>
  destination(
    new Map([
      [`${forgedId}/users.jsonl`, Buffer.from(part.content)],
      [`${forgedId}/s3db.json`, sealed(JSON.stringify(manifest, null, 2))],
    ]),
  )

it.each([2, 3, 99, 999_999])(
  'format %i is refused with a clear message, whatever else it says',
  async (version) => {
    const manifest = { format: `s3db-backup/${version}`, everything: 'is otherwise' }
    await expect(restored(here(manifest), forgedId, undefined)).rejects.toMatchObject({
      code: 'incompatible_format',
      message: expect.stringContaining(`s3db-backup/${version}`),
      suggestion: expect.stringContaining('Update'),
    })
    counts['refused with a clear message'] += 1
  },
)

it('unknown fields, kinds of part and elements of an index are ignored, and kept', async () => {
  const unknown = { file: 'users.sorted.bin', holds: 'sorted', content: '\0\n' }
  const index = {
    file: 'users.index.jsonl',
    holds: 'index',
    content: '["a",0,"AAAAAAAAAAA",{"more":true}]\n',
  }
  const parts = [{ ...part, says: { colour: 'blue' } }, unknown, index]
  const manifest = {
    ...forgedManifest({ parts, resources: { users: { ...entry.users, mood: 1 } } }),
    later: { a: 1 },
  }
  const objects = new Map([
    [`${forgedId}/users.jsonl`, Buffer.from(part.content)],
    [`${forgedId}/users.sorted.bin`, Buffer.from(unknown.content)],
    [`${forgedId}/users.index.jsonl`, Buffer.from(index.content)],
    [`${forgedId}/s3db.json`, sealed(JSON.stringify(manifest, null, 2))],
  ])
  const driver = destination(objects)
  expect(JSON.parse(await restored(driver, forgedId, undefined))[0]).toEqual([['users', [{ id: 'a' }]]])
  expect((await openCatalog(driver).get(forgedId)).manifest).toMatchObject({
    later: { a: 1 },
    resources: { users: { mood: 1 } },
    parts: [{ colour: 'blue' }, {}, {}],
  })
  counts['restored to what was recorded'] += 1
})

afterAll(() => {
  const all = Object.fromEntries(
    Object.entries({ ...found, ...recorded }).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  if (process.env.WRITE_DOCS === '1') writeFileSync(recordsFile, `${JSON.stringify(all, null, 2)}\n`)
  const tried = Object.values(counts).reduce((sum, count) => sum + count, 0)
  record({
    suite: 'compatibility',
    what: 'frozen backups, later formats and unknown fields',
    tried,
    ended: counts,
  })
})
