import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  backup,
  compareIds,
  type IndexEntry,
  openCatalog,
  restore,
  type Source,
  verify,
} from '../src/index.js'
import { contentHash } from '../src/internal.js'
import type { Row } from '../src/ports/source.js'
import { contentsOf, info, memoryTarget } from './database.js'
import { leftIn, memoryDriver } from './memory-driver.js'

type Database = Map<string, Map<string, Row>>

const hashOf = (row: Row) => contentHash(JSON.stringify(row))

/** A source that, given the parent's key index, tells only what changed. */
function incrementalSource(database: Database, batchSize: number): Source {
  return {
    incremental: true,
    describe: async () => ({ database: {}, resources: [...database.keys()].map((name) => info(name)) }),
    async *read(resource, { since }) {
      const rows = database.get(resource) ?? new Map<string, Row>()
      const before = new Map<string, IndexEntry>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const ids = [...new Set([...rows.keys(), ...before.keys()])].sort(compareIds)
      for (let from = 0; from < ids.length; from += batchSize) {
        const some = ids.slice(from, from + batchSize)
        const changed = some.flatMap((id) => {
          const row = rows.get(id)
          return row === undefined || before.get(id)?.hash === hashOf(row) ? [] : [row]
        })
        yield {
          rows: changed,
          replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
          deleted: some.filter((id) => !rows.has(id)).flatMap((id) => before.get(id) ?? []),
        }
      }
    },
  }
}

const snapshot = (database: Database) =>
  Object.fromEntries(
    [...database].map(([name, rows]) => [name, [...rows.values()].sort((a, b) => compareIds(a.id, b.id))]),
  )

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', '\uffff', '😀', '__proto__')
const change = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    resource: fc.constantFrom('users', 'orders'),
    id,
    value: fc.nat(3),
  }),
  fc.record({ kind: fc.constant('delete' as const), resource: fc.constantFrom('users', 'orders'), id }),
  fc.record({ kind: fc.constant('drop' as const), resource: fc.constantFrom('users', 'orders') }),
)

function apply(database: Database, step: typeof change extends fc.Arbitrary<infer T> ? T : never): void {
  if (step.kind === 'drop') database.delete(step.resource)
  else if (step.kind === 'delete') database.get(step.resource)?.delete(step.id)
  else {
    const rows = database.get(step.resource) ?? new Map<string, Row>()
    database.set(step.resource, rows.set(step.id, { id: step.id, value: step.value }))
  }
}

describe('a chain of incremental backups', () => {
  it('restores the database as it was at each backup', async () => {
    const rounds = fc.array(fc.array(change, { maxLength: 8 }), { minLength: 1, maxLength: 6 })
    const law = fc.asyncProperty(rounds, fc.integer({ min: 1, max: 4 }), async (all, batchSize) => {
      const driver = memoryDriver()
      const database: Database = new Map()
      const points: { id: string; contents: ReturnType<typeof snapshot> }[] = []
      for (const [turn, changes] of all.entries()) {
        for (const step of changes) apply(database, step)
        const now = () => new Date(Date.UTC(2024, 0, 1 + turn))
        const made = await backup({
          source: incrementalSource(database, batchSize),
          driver,
          now,
          ...(turn === 0 ? {} : { type: 'incremental', incremental: {} }),
        })
        expect(made.manifest.parent).toBe(points.at(-1)?.id ?? null)
        points.push({ id: made.id, contents: snapshot(database) })
      }
      for (const point of points) {
        expect(await verify({ driver, id: point.id })).toMatchObject({ ok: true })
        const target = memoryTarget()
        await restore({ driver, id: point.id, target })
        expect(contentsOf(target)).toEqual(point.contents)
      }
    })
    await fc.assert(law, { numRuns: 30 })
  })

  const threeLinks = async () => {
    const driver = memoryDriver()
    const database: Database = new Map([['users', new Map([['a', { id: 'a', value: 0 }]])]])
    const ids: string[] = []
    for (const turn of [0, 1, 2]) {
      database.get('users')!.set('a', { id: 'a', value: turn })
      const now = () => new Date(Date.UTC(2024, 0, 1 + turn))
      const more = turn === 0 ? {} : { type: 'incremental', incremental: {} }
      ids.push((await backup({ source: incrementalSource(database, 10), driver, now, ...more })).id)
    }
    return { driver, ids }
  }

  it('works for names of built-in object properties', async () => {
    const database: Database = new Map([['toString', new Map([['a', { id: 'a', value: 1 }]])]])
    const source: Source = {
      ...incrementalSource(database, 10),
      describe: async () => ({
        database: {},
        resources: [info('toString')],
        internal: [info('constructor', { of: null })],
      }),
    }
    const driver = memoryDriver()
    database.set(
      'constructor',
      new Map([
        ['x', { id: 'x' }],
        ['y', { id: 'y' }],
      ]),
    )
    await backup({ source, driver })
    database.get('constructor')!.delete('x')
    const { id } = await backup({ source, driver, type: 'incremental', incremental: {} })
    const target = memoryTarget()
    await restore({ driver, id, target })
    expect(contentsOf(target)).toEqual({ toString: [{ id: 'a', value: 1 }], constructor: [{ id: 'y' }] })
  })

  it('cannot be restored without one of its links, and names it', async () => {
    const { driver, ids } = await threeLinks()
    driver.objects.delete(`${ids[1]}/s3db.json`)
    const target = memoryTarget()
    await expect(restore({ driver, id: ids[2]!, target })).rejects.toMatchObject({
      code: 'broken_chain',
      metadata: { missing: ids[1] },
    })
    expect(target.plans).toEqual([])
    expect((await restore({ driver, id: ids[0]!, target })).chain).toEqual([ids[0]])
  })

  it('is not restored when a part of any link is damaged', async () => {
    const { driver, ids } = await threeLinks()
    for (const key of [...driver.objects.keys()].filter((name) => name.includes('.jsonl'))) {
      const objects = new Map(driver.objects)
      const altered = Buffer.from(objects.get(key)!)
      altered[altered.byteLength >> 1]! ^= 1
      const target = memoryTarget()
      const damaged = memoryDriver({ objects: objects.set(key, altered) })
      await expect(restore({ driver: damaged, id: ids[2]!, target }), key).rejects.toMatchObject({
        code: 'corrupt',
      })
      expect(target.plans).toEqual([])
    }
  })

  it('is not continued on a damaged key index, and nothing is left behind', async () => {
    const { driver, ids } = await threeLinks()
    const key = `${ids[0]}/users.index.jsonl.gz`
    driver.objects.set(key, Buffer.alloc(driver.objects.get(key)!.byteLength))
    const before = leftIn(driver).length
    const source = incrementalSource(new Map([['users', new Map()]]), 10)
    await expect(backup({ source, driver, type: 'incremental', incremental: {} })).rejects.toMatchObject({
      code: 'corrupt',
    })
    expect(leftIn(driver)).toHaveLength(before)
  })

  it('needs a parent, unless a full backup will do', async () => {
    const driver = memoryDriver()
    const source = incrementalSource(new Map(), 10)
    await expect(backup({ source, driver, incremental: {} })).rejects.toMatchObject({ code: 'not_found' })
    const { manifest } = await backup({ source, driver, incremental: { fullIfNeeded: true } })
    expect(manifest.parent).toBeNull()
    expect((await openCatalog(driver).list()).backups).toHaveLength(1)
  })

  it('is refused for a source that cannot tell what changed', async () => {
    const { driver } = await threeLinks()
    const { incremental: _, ...plain } = incrementalSource(new Map([['users', new Map()]]), 10)
    await expect(backup({ source: plain, driver, incremental: {} })).rejects.toMatchObject({
      code: 'unsupported',
    })
  })
})
