import { type BackupError, backup, type Driver, isBackupError, openCatalog } from '@s3db-backup/core'
import { faulty, type MemoryDriver, memory } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { cut, spoil } from '../../test/damage.js'
import { down } from '../../test/doubles.js'
import { backUp, backupsAt, body, call, growing, keysOf, rejection } from '../../test/scene.js'
import { multi } from '../multi.js'
import { survey } from '../states/survey.js'
import { repair } from './repair.js'
import { type SyncEvent, sync } from './sync.js'

/** The note of a backup's start tells of a process, not of the backup, and is not copied. */
const copiedKeys = (driver: MemoryDriver) =>
  keysOf(driver)
    .filter((key) => !key.endsWith('/started.json'))
    .sort()

describe('sync', () => {
  test('copies to each destination exactly what it lacks', async () => {
    const [a, b, c] = [memory(), memory(), memory()]
    const both = await backUp(multi({ drivers: [a, b] }))
    const one = await backUp(c)
    const events: SyncEvent[] = []
    const all = multi({ drivers: [a, b, c] })

    const { copied } = await sync({ multi: all, onEvent: (event) => events.push(event) })

    expect(copied.map(({ id, replica }) => `${id} ${replica}`).sort()).toEqual(
      [`${both.id} memory-3`, `${one.id} memory`, `${one.id} memory-2`].sort(),
    )
    expect(copied).toContainEqual(
      expect.objectContaining({
        id: one.id,
        files: copiedKeys(c).filter((key) => key.startsWith(one.id)).length,
      }),
    )
    expect(copiedKeys(a)).toEqual(copiedKeys(c))
    for (const key of copiedKeys(a)) expect(a.objects.get(key)).toEqual(c.objects.get(key))
    expect((await backupsAt(b)).every(({ ok }) => ok)).toBe(true)
    expect(events.filter(({ type }) => type === 'copied')).toHaveLength(3)
    expect(await sync({ multi: all })).toEqual({ copied: [] })
  })

  test('copies only the requested backup', async () => {
    const [a, b] = [memory(), memory()]
    await backUp(a)
    const { id } = await backUp(a)
    await sync({ multi: multi({ drivers: [a, b] }), id })
    expect(await backupsAt(b)).toEqual([{ id, ok: true }])
  })

  test('copies the ancestors that a backup needs first, and skips a backup whose ancestor could not be copied', async () => {
    const [a, b, c] = [memory(), memory(), memory()]
    const full = await backup({ source: growing(), driver: a })
    const child = await backup({ source: growing(), driver: a, incremental: {} })

    const { copied } = await sync({ multi: multi({ drivers: [a, b] }), id: child.id })
    expect(copied.map(({ id }) => id)).toEqual([full.id, child.id])
    expect(await openCatalog(b).chain(child.id)).toHaveLength(2)

    await spoil(a, `${full.directory}/${full.manifest.parts[0]!.file}`)
    await expect(sync({ multi: multi({ drivers: [a, c] }) })).rejects.toMatchObject({
      metadata: {
        notCopied: [
          { id: full.id, error: { code: 'corrupt' } },
          { id: child.id, error: { code: 'broken_chain' } },
        ],
      },
    })
    await a.delete(`${full.directory}/s3db.json`, call)
    const lost = { code: 'broken_chain', metadata: { missing: full.id } }
    await expect(sync({ multi: multi({ drivers: [a, c] }), id: child.id })).rejects.toMatchObject(lost)
  })

  test('removes any object that a destination stored wrongly', async () => {
    const a = memory()
    await backUp(a)
    for (let number = 1; number <= copiedKeys(a).length; number++) {
      const b = memory()
      let puts = 0
      const put: Driver['put'] = (key, given, rest) => {
        // A lease is no object of the backup.
        if (!key.startsWith('.leases/')) puts += 1
        return b.put(key, puts === number ? body(10) : given, rest)
      }
      const failing = sync({ multi: multi({ drivers: [a, { ...b, put }] }) })
      await expect(failing).rejects.toMatchObject({ code: 'incomplete' })
      expect(await backupsAt(b)).toEqual([])
      await sync({ multi: multi({ drivers: [a, b] }) })
      expect(copiedKeys(b)).toEqual(copiedKeys(a))
    }
  })

  test('reports a backup that it cannot copy because its only manifest is damaged', async () => {
    const [a, b] = [memory(), memory()]
    const { id, directory } = await backUp(a)
    await spoil(a, `${directory}/s3db.json`)
    const { code, metadata } = (await rejection(sync({ multi: multi({ drivers: [a, b] }) }))) as BackupError
    expect(code).toBe('incomplete')
    expect(metadata).toMatchObject({ notCopied: [{ id, replica: 'memory-2', error: { code: 'corrupt' } }] })
    expect(keysOf(b)).toEqual([])
  })

  test('does not mistake another manifest of the same name for the one it copies', async () => {
    const id = 'full-2024-03-15T14-30-45-abc123'
    const [a, other, b] = [memory(), memory(), memory()]
    await backup({ source: growing(), driver: a, id })
    await backup({ source: growing(), driver: other, id, metadata: { note: 'another one' } })
    let reads = 0
    const changing: Driver = {
      ...a,
      get(key, call) {
        if (key.endsWith('s3db.json')) reads += 1
        return (reads > 1 ? other : a).get(key, call)
      },
    }
    await expect(sync({ multi: multi({ drivers: [changing, b] }) })).rejects.toMatchObject({
      metadata: { notCopied: [{ id, error: { code: 'conflict' } }] },
    })
    expect(await backupsAt(b)).toEqual([])
    await expect(repair({ multi: multi({ drivers: [a, other] }), id })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  test('never copies wrong bytes: a damaged part comes from the destination where it is sound', async () => {
    const [a, b, c] = [memory(), memory(), memory()]
    const { id, directory, manifest } = await backUp(multi({ drivers: [a, b] }))
    await spoil(a, `${directory}/${manifest.parts[0]!.file}`)
    await cut(a, `${directory}/${manifest.parts[1]!.file}`)
    await spoil(b, `${directory}/${manifest.parts[2]!.file}`)
    await sync({ multi: multi({ drivers: [a, b, c] }), id })
    expect(await backupsAt(c)).toEqual([{ id, ok: true }])
  })

  test('leaves no manifest without its parts, and names the backup', async () => {
    const [a, b] = [memory(), memory()]
    const { id, directory, manifest } = await backUp(a)
    await spoil(a, `${directory}/${manifest.parts[2]!.file}`)
    const error = await rejection(sync({ multi: multi({ drivers: [a, b, down()] }) }))
    expect(error).toMatchObject({
      code: 'incomplete',
      metadata: { notCopied: [{ replica: 'down' }, { id, replica: 'memory-2', error: { code: 'corrupt' } }] },
    })
    expect(await backupsAt(b)).toEqual([])
  })

  test('can fail or be aborted at any step and be run again', async () => {
    const a = memory()
    const { id } = await backUp(a)
    const counting = faulty(memory())
    await sync({ multi: multi({ drivers: [a, counting] }) })
    for (let failAt = 1; failAt <= counting.steps; failAt++) {
      const b = memory()
      const outcome = await sync({ multi: multi({ drivers: [a, faulty(b, { failAt })] }) }).catch(
        (error: unknown) => error,
      )
      const claimed = await backupsAt(b)
      expect(claimed.every(({ ok }) => ok)).toBe(true)
      if (isBackupError(outcome)) expect(outcome.code).toBe('incomplete')
      await sync({ multi: multi({ drivers: [a, b] }) })
      expect(await backupsAt(b)).toEqual([{ id, ok: true }])
    }
  })

  test('replaces leftovers that do not match the manifest', async () => {
    const [a, b] = [memory(), memory()]
    const { id, directory } = await backUp(multi({ drivers: [a, b] }))
    await b.delete(`${directory}/s3db.json`, call)
    await spoil(b, keysOf(b)[0]!)
    await sync({ multi: multi({ drivers: [a, b] }), id })
    expect(b.objects).toEqual(expect.objectContaining({ size: a.objects.size }))
    expect(await backupsAt(b)).toEqual([{ id, ok: true }])
  })

  test('ends with the reason of an abort', async () => {
    const [a, b] = [memory(), memory()]
    await backUp(a)
    const stop = new AbortController()
    const onEvent = () => stop.abort('enough')
    expect(await rejection(sync({ multi: multi({ drivers: [a, b] }), signal: stop.signal, onEvent }))).toBe(
      'enough',
    )
    expect(await backupsAt(b)).toEqual([])
  })

  test('reports missing backups, except those that a silent destination may have', async () => {
    const id = 'full-2024-03-15T14-30-45-abc123'
    await expect(sync({ multi: multi({ drivers: [memory()] }), id })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(sync({ multi: multi({ drivers: [memory(), down()] }), id })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})

test('a survey reports where each backup is, oldest first', async () => {
  const [a, b] = [memory(), memory()]
  const first = await backUp(a)
  const second = await backUp(multi({ drivers: [a, b] }))
  await spoil(b, `${second.directory}/s3db.json`)
  const { backups, unreachable } = await survey({ multi: multi({ drivers: [a, b, down()] }) })
  const names = backups.map(({ id, copies, damaged, lacking }) => ({
    id,
    copies: copies.map(({ replica }) => replica.name),
    damaged: damaged.map(({ name }) => name),
    lacking: lacking.map(({ name }) => name),
  }))
  expect(names).toEqual(
    expect.arrayContaining([
      { id: first.id, copies: ['memory'], damaged: [], lacking: ['memory-2'] },
      { id: second.id, copies: ['memory'], damaged: ['memory-2'], lacking: [] },
    ]),
  )
  expect(unreachable).toMatchObject([{ replica: { name: 'down' }, error: { code: 'unavailable' } }])
})
