import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { info } from '../../test/database.js'
import { incrementalSource, type Records } from '../../test/incremental-source.js'
import { type MemoryDriver, memoryDriver } from '../../test/memory-driver.js'
import { openChain } from '../chain/open-chain.js'
import { readChain } from '../chain/read-chain.js'
import { sealManifest } from '../format/manifest/manifest-file.js'
import {
  type Batch,
  backup,
  type Codec,
  compareIds,
  gzip,
  isBackupError,
  open,
  openCatalog,
  type Source,
  verify,
  zstd,
} from '../index.js'
import type { Row } from '../ports/source.js'
import { find } from './find.js'

/** gzip with members so small that a few records have many. */
function smallMembers(memberBytes: number): Codec {
  return {
    ...gzip(),
    memberBytes,
    async *encode(bytes) {
      let rest = Buffer.alloc(0)
      let members = 0
      for await (const chunk of bytes) {
        rest = Buffer.concat([rest, chunk])
        for (; rest.byteLength >= memberBytes; members += 1) {
          yield gzipSync(rest.subarray(0, memberBytes))
          rest = rest.subarray(memberBytes)
        }
      }
      if (rest.byteLength > 0 || members === 0) yield gzipSync(rest)
    },
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const codecs: Record<string, { readonly codecs: readonly Codec[]; readonly range: boolean }> = {
  'gzip in small members': { codecs: [smallMembers(64)], range: true },
  'gzip in members smaller than a line': { codecs: [smallMembers(17)], range: true },
  'gzip where nothing can be read from the middle': { codecs: [smallMembers(64)], range: false },
  'zstd, in several parts': { codecs: [zstd()], range: true },
  'no compression': { codecs: [], range: true },
}

/** A history of writes: `undefined` deletes. */
const writes = fc.array(
  fc.array(
    fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
      fc.option(fc.integer(), { nil: undefined }),
    ),
    {
      maxLength: 12,
    },
  ),
  { minLength: 1, maxLength: 4 },
)

async function chainOf(
  history: readonly (readonly (readonly [string, number | undefined])[])[],
  { codecs: given, range }: { readonly codecs: readonly Codec[]; readonly range: boolean },
) {
  const driver = memoryDriver({ capabilities: { range } })
  const users = new Map<string, Row>()
  const records: Records = new Map([['users', users]])
  const source = incrementalSource(records)
  const states: { readonly id: string; readonly rows: readonly Row[] }[] = []
  let day = 1
  for (const changes of history) {
    for (const [id, value] of changes)
      if (value === undefined) users.delete(id)
      else users.set(id, { id, value, text: 'x'.repeat(Math.abs(value) % 40) })
    const at = new Date(Date.UTC(2026, 0, day++))
    const incremental = day === 2 ? undefined : {}
    const { id } = await backup({
      driver,
      source,
      codecs: given,
      incremental,
      maxPartBytes: 1024,
      now: () => at,
    })
    states.push({ id, rows: [...users.values()].sort((a, b) => compareIds(a.id, b.id)) })
  }
  return { driver, states }
}

describe.each(Object.entries(codecs))('a backup read in place, %s', (_, how) => {
  it('has the same records as the database had, each at its time', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (history) => {
        const { driver, states } = await chainOf(history, how)
        for (const { id, rows } of states) {
          const opened = await open({ driver, id, codecs: how.codecs })
          expect(await all(opened.records('users'))).toEqual(rows)
          expect(opened.resources()).toEqual([{ name: 'users', records: rows.length }])
        }
      }),
      { numRuns: 15 },
    )
  })

  it('returns each record by its id, and nothing for a missing one', async () => {
    await fc.assert(
      fc.asyncProperty(writes, fc.string({ unit: 'grapheme', maxLength: 3 }), async (history, other) => {
        const { driver, states } = await chainOf(history, how)
        const newest = states.at(-1)
        const opened = await open({ driver, id: newest?.id, codecs: how.codecs })
        const byId = new Map(newest?.rows.map((row) => [row.id, row]))
        const ids = new Set([other, ...states.flatMap(({ rows }) => rows.map(({ id }) => id))])
        for (const id of ids) expect(await opened.get('users', id)).toEqual(byId.get(id))
        expect(await all(opened.records('users', { ids: [...ids] }))).toEqual(newest?.rows)
      }),
      { numRuns: 12 },
    )
  })

  it('returns the records between two ids', async () => {
    await fc.assert(
      fc.asyncProperty(writes, fc.string(), fc.string(), async (history, from, to) => {
        const { driver, states } = await chainOf(history, how)
        const newest = states.at(-1)
        const opened = await open({ driver, id: newest?.id, codecs: how.codecs })
        const between = newest?.rows.filter(({ id }) => compareIds(id, from) >= 0 && compareIds(id, to) < 0)
        expect(await all(opened.records('users', { from, to }))).toEqual(between)
      }),
      { numRuns: 12 },
    )
  })

  it('shows the history of a record over all backups', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (history) => {
        const { driver, states } = await chainOf(history, how)
        const opened = await open({ driver, id: states.at(-1)?.id, codecs: how.codecs })
        for (const id of new Set(states.flatMap(({ rows }) => rows.map((row) => row.id)))) {
          const told = await all(opened.history('users', id))
          expect(told.map(({ backupId, change }) => [backupId, change])).toEqual(expected(states, id))
          const withRows = await all(opened.history('users', id, { rows: true }))
          expect(withRows.map(({ row: _, ...version }) => version)).toEqual(told)
          for (const { backupId, row } of withRows)
            expect(row).toEqual(
              states.find((state) => state.id === backupId)?.rows.find((one) => one.id === id),
            )
        }
      }),
      { numRuns: 8 },
    )
  })
})

function expected(states: readonly { readonly id: string; readonly rows: readonly Row[] }[], id: string) {
  let before: string | undefined
  return states.flatMap((state) => {
    const row = state.rows.find((one) => one.id === id)
    const now = row && JSON.stringify(row)
    const change =
      now === before ? undefined : now === undefined ? 'gone' : before === undefined ? 'appeared' : 'changed'
    before = now
    return change === undefined ? [] : [[state.id, change]]
  })
}

it('the versions of a record cost one listing, and each backup is opened once', async () => {
  const history = Array.from({ length: 5 }, (_, value): [string, number][] => [['a', value]])
  const { driver, states } = await chainOf(history, { codecs: [gzip()], range: true })
  driver.steps.length = 0
  const opened = await open({ driver, id: states.at(-1)?.id })
  expect(await all(opened.history('users', 'a', { rows: true }))).toHaveLength(5)
  const steps = driver.steps.map(
    ({ operation, key }) => `${operation} ${key.slice(key.lastIndexOf('/') + 1)}`,
  )
  expect(steps.filter((step) => step.startsWith('list'))).toHaveLength(1)
  // Each manifest is read once for the listing, and once to open the chain or the backup.
  expect(steps.filter((step) => step === 'get s3db.json').length).toBeLessThanOrEqual(3 * states.length)
})

it('what is unchanged since the parent may be a change since the backup before', async () => {
  const driver = memoryDriver()
  const users = new Map<string, Row>()
  const source = incrementalSource(new Map([['users', users]]))
  const on = (day: number) => () => new Date(Date.UTC(2026, 0, day))
  const make = (value: number, day: number, incremental?: { since: string }) => {
    users.set('a', { id: 'a', value })
    return backup({ driver, source, incremental, now: on(day) })
  }
  const first = await make(1, 1)
  const second = await make(2, 2)
  const third = await make(1, 3, { since: first.id })
  const opened = await open({ driver, id: third.id })
  const told = await all(opened.history('users', 'a', { rows: true }))
  expect(told.map(({ backupId, change, row }) => [backupId, change, row?.value])).toEqual([
    [first.id, 'appeared', 1],
    [second.id, 'changed', 2],
    [third.id, 'changed', 1],
  ])
})

describe('find, in resources that were named', () => {
  it('passes over a series that has none of them, and refuses what no series has', async () => {
    const driver = memoryDriver()
    const make = (database: string, resource: string) =>
      backup({
        driver,
        source: {
          ...incrementalSource(new Map([[resource, new Map([['a', { id: 'a' }]])]])),
          describe: async () => ({ database: { name: database }, resources: [info(resource)] }),
        },
      })
    await make('shop', 'orders')
    const { id } = await make('staff', 'people')
    expect(await all(find({ driver, id: 'a', resources: ['people'] }))).toMatchObject([
      { resource: 'people', newest: id },
    ])
    await expect(all(find({ driver, id: 'a', resources: ['peple'] }))).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('people'),
    })
  })
})

/** Twenty thousand records in one part of many members. */
async function aLargeBackup(driver: MemoryDriver) {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    id: `u${String(i).padStart(6, '0')}`,
    value: i,
    text: 'some text that fills the members '.repeat(8),
  }))
  const records: Records = new Map([['users', new Map(rows.map((row) => [row.id, row]))]])
  return { rows, ...(await backup({ driver, source: incrementalSource(records) })) }
}

describe('one record of a large backup', () => {
  it('costs a listing, the manifest, the offsets and one read of a member', async () => {
    const driver = memoryDriver({ capabilities: { range: true } })
    const { id, rows, manifest } = await aLargeBackup(driver)
    driver.steps.length = 0
    const opened = await open({ driver, id })
    expect(await opened.get('users', 'u012345')).toEqual(rows[12_345])
    expect(
      driver.steps.map(({ operation, key }) => `${operation} ${key.slice(key.lastIndexOf('/') + 1)}`),
    ).toEqual(['list ', 'get s3db.json', 'get users.offsets.jsonl.gz', 'get users.jsonl.gz'])
    const offsets = manifest.parts.find(({ holds }) => holds === 'offsets')
    const stored = manifest.parts.reduce((sum, { bytes }) => sum + bytes, 0)
    expect((offsets?.bytes ?? 0) / stored).toBeLessThan(0.01)
  })

  it('is never read from a damaged member, and others still are', async () => {
    const driver = memoryDriver({ capabilities: { range: true } })
    const { id, rows, directory } = await aLargeBackup(driver)
    const bytes = driver.objects.get(`${directory}/users.jsonl.gz`)
    expect(gunzipSync(bytes ?? '').byteLength).toBeGreaterThan(4 * 1024 * 1024)
    if (bytes !== undefined) bytes[bytes.byteLength >> 1] = (bytes[bytes.byteLength >> 1] ?? 0) ^ 1
    const opened = await open({ driver, id })
    expect(await opened.get('users', 'u000000')).toEqual(rows[0])
    expect(await opened.get('users', 'u019999')).toEqual(rows[19_999])
    const read = all(opened.records('users'))
    await expect(read).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('users.jsonl.gz is damaged: bytes'),
    })
    const missing: string[] = []
    for (let i = 0; i < rows.length; i += 500) {
      const row = await opened.get('users', rows[i]?.id ?? '').catch(() => missing.push(String(i)))
      if (typeof row === 'object') expect(row).toEqual(rows[i])
    }
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.length).toBeLessThan(20)
  })

  it('leaves a backup that older readers restore as before, and verify compares its offsets', async () => {
    const driver = memoryDriver({ capabilities: { range: true } })
    const { id, rows, directory } = await aLargeBackup(driver)
    const chain = await openChain({ driver, id, operation: 'restore', signal: new AbortController().signal })
    const batches = await all(readChain(chain, 'users'))
    expect(batches.flatMap((batch) => batch.rows)).toEqual(rows)
    expect((await verify({ driver, id })).ok).toBe(true)
    driver.objects.delete(`${directory}/users.offsets.jsonl.gz`)
    expect((await verify({ driver, id })).ok).toBe(false)
  })

  it('has offsets of which verify compares every field with the parts', async () => {
    const small = { codecs: [smallMembers(64)], range: true }
    const { driver, states } = await chainOf(
      [Array.from({ length: 30 }, (_, i) => [`u${i}`, i] as const)],
      small,
    )
    const id = states[0]?.id ?? ''
    const { manifest, checksum: _, ...entry } = await openCatalog(driver).get(id)
    const part = manifest.parts.find(({ holds }) => holds === 'offsets')
    const key = `${entry.directory}/${part?.file}`
    const lines = gunzipSync(driver.objects.get(key) ?? '')
      .toString()
      .trimEnd()
      .split('\n')
    const tell = async (changed: readonly string[]) => {
      const stored = gzipSync(changed.map((line) => `${line}\n`).join(''))
      const sha256 = createHash('sha256').update(stored).digest('hex')
      const sizes = { bytes: stored.byteLength, sha256, blocks: [sha256], records: changed.length }
      const parts = manifest.parts.map((one) =>
        one === part ? { ...one, ...sizes, contentBytes: 1e6, longestLine: 1e6 } : one,
      )
      driver.objects.set(key, stored)
      driver.objects.set(`${entry.directory}/s3db.json`, sealManifest({ ...manifest, parts }).bytes)
      return (await verify({ driver, id })).ok
    }
    const ask = async (record: string) =>
      (await open({ driver, id, codecs: small.codecs })).get('users', record)
    expect(await tell(lines)).toBe(true)
    const alterations: ((member: unknown[]) => void)[] = [
      (member) => member.splice(1, 1, Number(member[1]) + 1),
      (member) => member.splice(2, 1, Number(member[2]) - 1),
      (member) => member.splice(3, 1, Number(member[3]) + 1),
      (member) => member.splice(4, 1, '0'.repeat(64)),
      (member) => member.splice(5, 1, 'u0000'),
      (member) => member.splice(6, 1, 3),
      (member) => member.splice(5, 2, null, null),
    ]
    const number = lines.findIndex((line) => JSON.parse(line)[6] > 3)
    for (const alter of alterations) {
      const member = JSON.parse(lines[number] ?? '')
      alter(member)
      expect(await tell(lines.with(number, JSON.stringify(member))), String(alter)).toBe(false)
    }
    expect(await tell(lines.toSpliced(number, 1))).toBe(false)
    // A member with a stated start that is too early hides the records before it.
    const [file, from, bytes, contentBytes, sha256, first, at] = JSON.parse(lines[number] ?? '')
    const before = String(first).slice(0, -1)
    await tell(lines.with(number, JSON.stringify([file, from, bytes, contentBytes, sha256, before, at])))
    await expect(ask(before)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('a record that could not be read when the backup was made', () => {
  it('is not reported as absent: get, history and find say that it was lost', async () => {
    const driver = memoryDriver()
    const source: Source = {
      describe: async () => ({ database: {}, resources: [info('users')] }),
      async *read() {
        yield { rows: [{ id: 'a' }], lost: [{ id: 'n', reason: 'no metadata' }] }
      },
    }
    await expect(backup({ driver, source })).rejects.toMatchObject({ code: 'incomplete' })
    const opened = await open({ driver, at: new Date() })
    expect(opened.manifest.status).toBe('incomplete')
    expect(await all(opened.records('users'))).toEqual([{ id: 'a' }])
    await expect(opened.get('users', 'n')).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('no metadata'),
    })
    expect(await opened.get('users', 'z')).toBeUndefined()
    expect(await all(opened.history('users', 'n'))).toMatchObject([{ change: 'unreadable' }])
    expect(await all(find({ driver, id: 'n' }))).toMatchObject([{ resource: 'users' }])
    expect(await all(find({ driver, id: 'z' }))).toEqual([])
  })
})

describe('a record that a backup does not have, which lost records that it cannot name', () => {
  it('is not reported as gone or absent: it may be one of them', async () => {
    const driver = memoryDriver()
    const lacking: Batch = {
      rows: [{ id: 'a' }],
      lostWithoutId: [{ reason: 'a page is missing', count: null }],
    }
    const batches: Batch[] = [{ rows: [{ id: 'a' }, { id: 'b' }] }, lacking, { rows: [{ id: 'a' }] }]
    let day = 0
    const source: Source = {
      describe: async () => ({ database: {}, resources: [info('users')] }),
      async *read() {
        yield batches[day - 1] ?? { rows: [] }
      },
    }
    const take = async () => {
      day += 1
      const at = new Date(Date.UTC(2026, 0, day))
      await backup({ driver, source, now: () => at }).catch((error: unknown) => {
        if (!isBackupError(error, 'incomplete')) throw error
      })
      return open({ driver, at })
    }
    await take()
    const second = await take()
    await expect(second.get('users', 'b')).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('may have existed'),
    })
    expect(await all(second.history('users', 'b'))).toMatchObject([
      { change: 'appeared' },
      { change: 'unreadable', backupId: second.id, error: { code: 'incomplete' } },
    ])
    expect(await all(find({ driver, id: 'b' }))).toMatchObject([
      { versions: [{ change: 'appeared' }, { change: 'unreadable' }] },
    ])
    // What was never there is not claimed to have been.
    expect(await all(second.history('users', 'z'))).toEqual([])
    const third = await take()
    expect((await all(third.history('users', 'b'))).map(({ change }) => change)).toEqual([
      'appeared',
      'unreadable',
      'gone',
    ])
    expect(await third.get('users', 'b')).toBeUndefined()
  })
})

describe('a backup of a past moment', () => {
  it('is opened for that moment, and not for the time when it was made', async () => {
    const driver = memoryDriver()
    const sourceOf = (asOf: string | undefined): Source => ({
      describe: async () => ({ database: {}, resources: [info('users')], asOf }),
      async *read() {
        yield { rows: [{ id: asOf ?? 'now' }] }
      },
    })
    const week = 7 * 24 * 60 * 60 * 1000
    const past = new Date(Date.now() - week).toISOString()
    const live = await backup({ driver, source: sourceOf(undefined) })
    const made = await backup({ driver, source: sourceOf(past) })
    expect((await open({ driver, at: new Date() })).id).toBe(live.id)
    expect((await open({ driver, at: past })).id).toBe(made.id)
    const before = new Date(Date.parse(past) - 1)
    await expect(open({ driver, at: before })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a backup that cannot be opened', () => {
  it('is named in the error', async () => {
    const { driver, states } = await chainOf([[['a', 1]]], { codecs: [gzip()], range: true })
    const id = states[0]?.id ?? ''
    await expect(open({ driver })).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(open({ driver, id, at: new Date() })).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(open({ driver, at: 'yesterday' })).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(open({ driver, at: '2025-12-31T00:00:00Z' })).rejects.toMatchObject({ code: 'not_found' })
    expect((await open({ driver, at: '2026-01-01T01:00:00+01:00' })).id).toBe(id)
    const opened = await open({ driver, id })
    await expect(opened.get('nobody', 'a')).rejects.toMatchObject({ code: 'not_found' })
    await expect(opened.get('constructor', 'a')).rejects.toMatchObject({ code: 'not_found' })
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(opened.get('users', 'a', { signal: aborted })).rejects.toThrow('enough')
    await expect(all(opened.records('users', { signal: aborted }))).rejects.toThrow('enough')
  })
})
