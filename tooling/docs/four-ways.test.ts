import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  backup,
  type Codec,
  compareIds,
  consolidate,
  type Driver,
  type Encryption,
  gzip,
  type ObjectInfo,
  open,
  type Row,
  restore,
  zstd,
} from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { multi } from '@s3db-backup/driver-multi'
import { s3 } from '@s3db-backup/driver-s3'
import { memory } from '@s3db-backup/driver-testkit'
import { encryption, keygen } from '@s3db-backup/encryption'
import { openQuery } from '@s3db-backup/query'
import { databaseSource, databaseTarget } from '@s3db-backup/s3db'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordsBySql, temporaryFolder, withoutNulls } from '../../packages/query/test/backups.ts'
import { openNew, ours } from '../../packages/s3db/test/databases.ts'
import { attributesOf, kinds, recordOf } from '../../packages/s3db/test/fidelity/kinds.ts'
import { s3Server } from '../s3/test-server.ts'
import { type Block, blocksOf, readDocument } from './blocks.ts'
import { type Workplace, workplace } from './workplace.ts'

// Every way to read a backup gives the same records: a restore into a database, core's reader, SQL, and DuckDB alone
// with the program of docs/query.md. The records are those of the fidelity suite, every kind of attribute and odd
// ids, in a chain of three.

const { endpoint, bucket } = await s3Server()
const security = { passphrase: 'the same on both sides, and long enough' }
const key = encryption({ algorithm: 'AES-256-GCM', key: keygen() })

let place: Workplace
let program: Block

beforeAll(() => {
  place = workplace()
  mkdirSync(join(place.folder, 'node_modules/@duckdb'))
  symlinkSync(
    join(import.meta.dirname, '../../packages/query/node_modules/@duckdb/node-api'),
    join(place.folder, 'node_modules/@duckdb/node-api'),
  )
  const blocks = blocksOf('docs/query.md', readDocument('docs/query.md'))
  program = blocks.find(({ text }) => text.includes('DuckDBInstance'))!
  writeFileSync(join(place.folder, 'by-hand.mjs'), program.text)
})
afterAll(() => place.remove())

const oddIds = [
  'a b',
  'A',
  'a',
  'ä',
  'e\u0301',
  '日本',
  '\uff5e',
  '\ufffd',
  '\u{1f600}',
  "a'b",
  'a"b',
  '__proto__',
]

/** No text of SQL can hold half a surrogate pair: by SQL alone it is another character, by hand an error. */
const surrogates = 'string, lone surrogates'

/** Backs a database up three times while its records change. Every resource loses, changes, regains and gains records. */
async function chainIn(driver: Driver, sealed?: Encryption | undefined): Promise<string> {
  const database = await openNew('memory', { security })
  const source = databaseSource(ours(database))
  const make = (codecs: readonly Codec[], more: object = {}) =>
    backup({ source, driver, codecs, ...(sealed === undefined ? {} : { encryption: sealed }), ...more })
  const resources = []
  for (const [index, kind] of kinds.entries()) {
    // Kinds that the fidelity suite tries less often are slow; large and sealed ones follow below.
    if (kind.name === surrogates || kind.tries < 4) continue
    const values = fc.sample(kind.values, { numRuns: 4, seed: 1000 + index })
    const record = (at: number) => recordOf(kind, values[at])
    const attributes = attributesOf(kind)
    try {
      const resource = await database.createResource({
        name: `r${index}`,
        attributes,
        behavior: 'body-overflow',
      })
      for (const [at, id] of ['gone', 'back', 'same', 'other'].entries())
        await resource.insert({ id, ...record(at) })
      resources.push({ resource, record })
    } catch {
      // A kind that s3db.js does not accept.
    }
  }
  expect(resources.length).toBeGreaterThan(40)
  const odd = await database.createResource({
    name: "odd 'ids' é",
    attributes: { v: 'string|optional' },
    behavior: 'body-only',
  })
  for (const id of oddIds) await odd.insert({ id, v: id })
  await odd.insert({ id: 'large', v: 'é'.repeat(20_000) })
  // One of each, because sealing them is slow.
  const secrets = await database.createResource({
    name: 'secrets',
    attributes: { secret: 'secret|optional', number: 'secretNumber|optional', password: 'password|optional' },
  })
  for (const id of ['a', 'b', 'c', 'd'])
    await secrets.insert({
      id,
      secret: `é ${id}`,
      ...(id === 'a' ? { number: 7, password: 'long enough' } : {}),
    })
  await make([gzip()])
  for (const { resource, record } of resources) {
    for (const id of ['gone', 'back', 'other']) await resource.delete(id)
    await resource.insert({ id: 'other', ...record(0) })
    await resource.insert({ id: 'new', ...record(1) })
  }
  for (const id of oddIds.slice(0, 6)) await odd.delete(id)
  await make([zstd()], { incremental: {} })
  for (const { resource, record } of resources) await resource.insert({ id: 'back', ...record(2) })
  for (const id of oddIds.slice(0, 3)) await odd.insert({ id, v: 'again' })
  return (await make([], { incremental: {} })).id
}

interface Stored {
  readonly driver: Driver
  readonly id: string
  readonly encryption?: Encryption | undefined
}

type Records = Readonly<Record<string, readonly Record<string, unknown>[]>>

/** As far as SQL tells values apart. */
const comparable = (rows: readonly Row[]): Record<string, unknown>[] =>
  withoutNulls(rows).sort((a, b) => compareIds(String(a.id), String(b.id)))

async function namesIn(stored: Stored): Promise<string[]> {
  return (await open(stored)).resources().map(({ name }) => name)
}

async function byReader(stored: Stored): Promise<Records> {
  const opened = await open(stored)
  const found: Record<string, Record<string, unknown>[]> = {}
  for (const { name } of opened.resources()) {
    const rows: Row[] = []
    for await (const row of opened.records(name)) rows.push(row)
    found[name] = comparable(rows)
  }
  return found
}

async function byRestore({ driver, id, encryption: sealed }: Stored): Promise<Records> {
  const target = await openNew('memory', { security })
  await restore({
    driver,
    id,
    target: databaseTarget(ours(target)),
    ...(sealed === undefined ? {} : { encryption: sealed }),
  })
  const source = databaseSource(ours(target))
  const again = memory()
  return byReader({ driver: again, id: (await backup({ source, driver: again })).id })
}

async function bySql(stored: Stored): Promise<Records> {
  const session = await openQuery({ ...stored, tempDir: await temporaryFolder() })
  try {
    const found: Record<string, Record<string, unknown>[]> = {}
    for (const { resource } of session.tables())
      found[resource] = comparable((await recordsBySql(session, resource)) as Row[])
    return found
  } finally {
    await session.close()
  }
}

/** Every file at a destination, many requests at once. */
async function eachFile(driver: Driver, use: (file: string, bytes: Uint8Array) => Promise<void>) {
  const call = { signal: new AbortController().signal }
  const work = async ({ key: file }: ObjectInfo) => {
    const pieces: Uint8Array[] = []
    for await (const piece of driver.get(file, { ...call, kind: 'part' })) pieces.push(piece)
    await use(file, Buffer.concat(pieces))
  }
  for await (const _ of ordered(driver.list('', call), 16, work));
}

/** The files as they lie at the destination. */
async function downloaded({ driver }: Stored): Promise<string> {
  const folder = await temporaryFolder()
  await eachFile(driver, async (file, bytes) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), bytes)
  })
  return folder
}

async function byHand(stored: Stored, names?: readonly string[]): Promise<Records> {
  const folder = await downloaded(stored)
  const found: Record<string, Record<string, unknown>[]> = {}
  for (const name of names ?? (await namesIn(stored))) {
    const { stdout } = await promisify(execFile)(process.execPath, ['by-hand.mjs', folder, stored.id, name], {
      cwd: place.folder,
      maxBuffer: 2 ** 28,
    })
    found[name] = comparable(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    )
  }
  return found
}

/** Puts what lies at one destination to another, byte for byte. */
async function copied(from: Driver, to: Driver, spoil?: (file: string, bytes: Uint8Array) => Uint8Array) {
  const call = { signal: new AbortController().signal }
  await eachFile(from, async (file, bytes) => {
    const stored = spoil?.(file, bytes) ?? bytes
    const body = async function* () {
      yield stored
    }
    await to.put(file, body(), { ...call, kind: 'part' })
  })
}

let places = 0

const drivers: Readonly<Record<string, () => Promise<Driver>>> = {
  memory: async () => memory(),
  filesystem: async () => filesystem({ path: await temporaryFolder() }),
  s3: async () =>
    s3({
      bucket: bucket.name,
      prefix: `four-ways-${++places}`,
      endpoint: endpoint.url,
      region: endpoint.region,
      credentials: endpoint.credentials,
      forcePathStyle: true,
    }),
  multi: async () =>
    multi({ strategy: 'all', drivers: [memory(), filesystem({ path: await temporaryFolder() })] }),
}

/** A chain, the same merged, and an encrypted one, and what they hold. */
async function makeScene() {
  const driver = memory()
  const plain: Stored = { driver, id: await chainIn(driver) }
  const whole = memory()
  await copied(driver, whole)
  const merged: Stored = { driver: whole, id: (await consolidate({ driver: whole, id: plain.id })).id }
  const closed = memory()
  const sealed: Stored = { driver: closed, id: await chainIn(closed, key), encryption: key }
  return { plain, merged, sealed, expected: await byReader(plain), expectedSealed: await byReader(sealed) }
}

describe('the same records by four ways', () => {
  /** Made once, within the first test: databases end with the test that opens them. */
  let made: ReturnType<typeof makeScene> | undefined
  const scene = () => {
    made ??= makeScene()
    return made
  }

  it('are many, of every kind', async () => {
    const { expected } = await scene()
    expect(Object.values(expected).filter((rows) => rows.length >= 4).length).toBeGreaterThan(40)
    expect(expected["odd 'ids' é"]).toHaveLength(oddIds.length - 3 + 1)
  })

  describe.each(Object.entries(drivers))('%s', (_, make) => {
    it('a chain', async () => {
      const { plain, expected } = await scene()
      const stored = { ...plain, driver: await make() }
      await copied(plain.driver, stored.driver)
      expect(await byReader(stored)).toEqual(expected)
      expect(await byRestore(stored)).toEqual(expected)
      expect(await bySql(stored)).toEqual(expected)
      // Each run is a process: the resources in turn, some with each driver, all with one.
      const names = Object.keys(expected)
      const some = stored.driver.name === 'filesystem' ? names : names.slice(-3)
      const byThem = await byHand(stored, some)
      for (const name of some) expect({ name, rows: byThem[name] }).toEqual({ name, rows: expected[name] })
    })

    it('a chain merged into a full backup', async () => {
      const { merged, expected } = await scene()
      const stored = { ...merged, driver: await make() }
      await copied(merged.driver, stored.driver)
      expect(await byReader(stored)).toEqual(expected)
      expect(await byRestore(stored)).toEqual(expected)
      expect(await bySql(stored)).toEqual(expected)
      const some = Object.keys(expected).slice(-3)
      const byThem = await byHand(stored, some)
      for (const name of some) expect({ name, rows: byThem[name] }).toEqual({ name, rows: expected[name] })
    })

    it('an encrypted chain; by hand it is refused', async () => {
      const { sealed, expectedSealed } = await scene()
      const stored = { ...sealed, driver: await make() }
      await copied(sealed.driver, stored.driver)
      expect(await byReader(stored)).toEqual(expectedSealed)
      expect(await byRestore(stored)).toEqual(expectedSealed)
      expect(await bySql(stored)).toEqual(expectedSealed)
      await expect(byHand(stored, ['r0'])).rejects.toThrow('is encrypted')
    })

    it('none returns a row of a damaged part: each names the part', async () => {
      const { plain, expected } = await scene()
      const [name] = Object.keys(expected)
      const chain = (await open(plain)).chain
      for (const link of chain.slice(0, 2)) {
        const damagedPart = (file: string) => file.startsWith(`${link}/${name}.jsonl`)
        let part = ''
        const stored = { ...plain, driver: await make() }
        await copied(plain.driver, stored.driver, (file, bytes) => {
          if (!damagedPart(file)) return bytes
          part = file.slice(link.length + 1)
          const changed = Buffer.from(bytes)
          changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1
          return changed
        })
        const problem = { code: 'corrupt', message: expect.stringContaining(part) }
        expect(part).not.toBe('')
        await expect(byReader(stored)).rejects.toMatchObject(problem)
        await expect(byRestore(stored)).rejects.toMatchObject(problem)
        await expect(bySql(stored)).rejects.toMatchObject(problem)
        await expect(byHand(stored, [name ?? ''])).rejects.toThrow(`${part} is damaged`)
      }
    })

    it('none returns a row of a damaged encrypted part either', async () => {
      const { sealed } = await scene()
      const opened = await open(sealed)
      const { file } = opened.manifest.parts.find(({ holds }) => holds === 'rows')!
      const stored = { ...sealed, driver: await make() }
      await copied(sealed.driver, stored.driver, (name, bytes) => {
        if (name !== `${sealed.id}/${file}`) return bytes
        const changed = Buffer.from(bytes)
        changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1
        return changed
      })
      const problem = { code: 'corrupt', message: expect.stringContaining(file) }
      await expect(byReader(stored)).rejects.toMatchObject(problem)
      await expect(byRestore(stored)).rejects.toMatchObject(problem)
      await expect(bySql(stored)).rejects.toMatchObject(problem)
    })
  })
})
