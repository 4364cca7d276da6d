import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileReads } from '../src/client/files/file-database.js'
import { databaseSource } from '../src/index.js'
import { call, open, ours, scratch } from './databases.js'

const ids = Array.from({ length: 600 }, (_, at) => `n${String(at).padStart(3, '0')}`)

/** A database with these records, and how often the folder of their files was read since. */
async function counted() {
  const root = scratch()
  const database = await open(`file://${root}/db`)
  const notes = await database.createResource({ name: 'notes', attributes: { text: 'string' } })
  for (const id of ids) await notes.insert({ id, text: `note ${id}` })
  const folder = join(root, 'db/resource=notes/data')
  const reads = fileReads(ours(database).client)
  if (reads === undefined) throw new Error('The files of this database are not read directly')
  const { entries } = reads.files
  const readings = { count: 0, afterEach: () => undefined as unknown }
  Object.assign(reads.files, {
    async *entries(...args: Parameters<typeof entries>) {
      const found = []
      for await (const some of entries(...args)) found.push(some)
      if (args[0] === folder) {
        readings.count += 1
        readings.afterEach()
      }
      yield* found
    },
  })
  const remove = (some: readonly string[]) => {
    for (const id of some)
      for (const ending of ['', '.meta.json']) rmSync(join(folder, `id=${id}${ending}`), { force: true })
  }
  return { database: ours(database), readings, remove }
}

const read = (database: Awaited<ReturnType<typeof counted>>['database']) =>
  databaseSource(database).read('notes', call)

test('records that are deleted while a folder is listed make it be read once more, not once for each', async () => {
  const { database, readings, remove } = await counted()
  const gone = ids.slice(100, 500)
  readings.afterEach = () => remove(gone)
  const found: string[] = []
  for await (const { rows } of read(database)) found.push(...rows.map(({ id }) => id))
  expect(found).toEqual([...ids.slice(0, 100), ...ids.slice(500)])
  expect(readings.count).toBe(2)
})

test('records that are deleted before they are read make their folder be read now and then, not once for each', async () => {
  const { database, readings, remove } = await counted()
  const found: string[] = []
  let vanished = 0
  for await (const batch of read(database)) {
    if (found.length === 0) remove(ids.slice(300))
    found.push(...batch.rows.map(({ id }) => id))
    vanished += batch.vanished ?? 0
  }
  expect(found.length + vanished).toBe(ids.length)
  expect(vanished).toBeGreaterThan(100)
  // 64 objects are read at once, and the missing ones share a request.
  expect(readings.count).toBeLessThan(20)
})
