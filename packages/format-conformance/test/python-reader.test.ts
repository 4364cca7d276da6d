import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, compression, consolidate, type Row, type Source } from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { afterAll, describe, expect, it } from 'vitest'
import type { Case } from './case.ts'
import { cases } from './cases.ts'
import { fixtures } from './fixtures.ts'
import { hasPython, withoutPython } from './python.ts'
import { type Answer, readInPython } from './read-in-python.ts'

/** What it makes of a case, by what it can read. */
function expectedOf({ needs = [], expect: expected }: Case, zstd: boolean): Answer {
  if (needs.includes('aws-esdk/1')) return { refused: 'undecryptable' }
  if (needs.includes('brotli') || (needs.includes('zstd') && !zstd)) return { refused: 'unsupported' }
  return expected
}

describe.skipIf(!hasPython)(`the reader in Python${withoutPython}`, () => {
  it('makes of every case what a reader must', () => {
    const { answers, zstd } = readInPython(cases.map(({ name, id }) => [join(fixtures, name), id]))
    const told = (all: readonly Answer[]) =>
      Object.fromEntries(cases.map(({ name, title }, at) => [`${name}: ${title}`, all[at]]))
    expect(told(answers)).toEqual(told(cases.map((one) => expectedOf(one, zstd))))
  })

  it('reads the backups that are made now: a chain, one of many parts, and the chain as one backup', async () => {
    const path = mkdtempSync(join(tmpdir(), 's3db-backup-python-'))
    afterAll(() => rmSync(path, { recursive: true, force: true }))
    const driver = filesystem({ path })
    const users = new Map<string, Row>()
    const before = new Map<string, Row>()
    const note = (id: string, value: unknown) => users.set(id, { id, value })
    for (let i = 0; i < 500; i++) note(`u${i}`, `Zoë\u2028 😀 ${i} \ud800`)
    const source = sourceOf(users, before)
    const first = await backup({ source, driver, folder: '{year}', maxPartBytes: 4096 })
    remember(before, users)
    for (const id of ['u7', 'u8', 'u9']) users.delete(id)
    note('u10', { other: [1e21, 0.1, null, ''] })
    note('\u{1f600}', 1)
    note('\ue000', 2)
    const second = await backup({ source, driver, incremental: {}, codecs: [] })
    remember(before, users)
    note('u7', 'again')
    users.delete('u10')
    const third = await backup({ source, driver, incremental: {}, codecs: [compression('deflate')!] })
    const whole = await consolidate({ driver, id: third.id })
    const { answers } = readInPython([first, second, third, whole].map(({ id }) => [path, id]))
    const sizes = answers.map((answer) => ('state' in answer ? answer.state.resources.users!.length : answer))
    expect(sizes).toEqual([500, 499, 499, 499])
    const inOrder = [...users.values()].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
    for (const answer of answers.slice(2))
      expect(answer).toMatchObject({ state: { resources: { users: inOrder.map((row) => ({ row })) } } })
  })
})

function remember(before: Map<string, Row>, users: ReadonlyMap<string, Row>): void {
  before.clear()
  for (const [id, row] of users) before.set(id, row)
}

const mark = (row: Row) => ({ id: row.id, modified: 0, hash: contentHash(JSON.stringify(row)) })
const byUtf8 = (a: Row, b: Row) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))

/** A database in a map that knows what it was at the last backup. */
function sourceOf(users: ReadonlyMap<string, Row>, before: ReadonlyMap<string, Row>): Source {
  return {
    incremental: true,
    describe: async () => ({
      database: {},
      resources: [{ name: 'users', attributes: {}, partitions: {}, timestamps: false }],
    }),
    async *read(_resource, { since }) {
      if (since === undefined) return yield { rows: [...users.values()].sort(byUtf8) }
      const changed = [...users.values()].filter((row) => before.get(row.id) !== row).sort(byUtf8)
      yield {
        rows: changed,
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []).map(mark),
        deleted: [...before.values()]
          .filter(({ id }) => !users.has(id))
          .map(mark)
          .sort(byId),
      }
    },
  }
}

const byId = (a: { id: string }, b: { id: string }) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id))
