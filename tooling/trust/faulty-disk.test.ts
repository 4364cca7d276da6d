import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isBackupError } from '@s3db-backup/core'
import { describe, expect, it } from 'vitest'
import { record } from './record.ts'
import { type History, makeHistory } from './scene/history.ts'
import { judgeBoth, judgeEnd, sameRows } from './scene/judge.ts'
import { stateOn } from './scene/model.ts'
import { atSecond, type OperationName, operation, operationNames } from './scene/operations.ts'
import { nothing, onDisk, type Place, scratch } from './scene/places.ts'
import { shelf, shelfIn, targetOver } from './scene/target.ts'
import { readOnlyDisk, tinyDisk } from './scene/tiny-disk.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const historyFor = (name: OperationName): History =>
  operation(name).encrypted ? histories.encrypted : histories.plain
const { signal } = new AbortController()

/** What the storage refused a sync, sync says as `incomplete`. */
const refusal = (name: OperationName, code: string): readonly string[] =>
  operation(name).copies ? [code, 'incomplete'] : [code]

interface Bad {
  readonly places: readonly [Place, Place]
  /** Ends what is wrong. */
  mend(): void
}

/** Runs an operation at a bad place, judges what is there, mends the place and runs it again. */
async function trial(name: OperationName, { places, mend }: Bad, code: string): Promise<string> {
  const history = historyFor(name)
  const into = shelf()
  const run = () =>
    operation(name).run({
      history,
      driver: places[0].driver,
      second: places[1].driver,
      target: targetOver(into),
      signal,
    })
  const failure = await run().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure !== undefined && !(isBackupError(failure) && refusal(name, code).includes(failure.code)))
    throw failure
  await judgeBoth(places, operation(name), history)
  mend()
  await run()
  await judgeEnd({ places, shelf: into }, operation(name), history)
  for (const place of places) await place.remove()
  return isBackupError(failure) ? `failed: ${failure.code}` : 'succeeded'
}

function counted(endings: readonly string[]): Record<string, number> {
  const kinds = [...new Set(endings)].toSorted()
  return Object.fromEntries(kinds.map((kind) => [kind, endings.filter((one) => one === kind).length]))
}

/** The bad place is the one that is written to. */
async function placed(
  name: OperationName,
  make: (history: Pick<History, 'objects'>) => Promise<Place & { makeRoom(): void }>,
): Promise<Bad> {
  const history = historyFor(name)
  const second = atSecond(operation(name), history)
  if (operation(name).copies) {
    const bad = await make(second)
    return { places: [await onDisk(history), bad], mend: bad.makeRoom }
  }
  const bad = await make(history)
  return { places: [bad, await onDisk(nothing)], mend: bad.makeRoom }
}

describe.each(operationNames)('%s', (name) => {
  it('on a disk that fills up loses nothing', async () => {
    const endings: string[] = []
    let kind = ''
    for (let free = 0; free <= 14; free++) {
      const bad = await placed(name, async (objects) => {
        const disk = await tinyDisk(objects, free)
        kind = disk.kind
        return disk
      })
      const ending = trial(name, bad, 'no_space').catch((error: unknown) => {
        throw new Error(`room for ${free} more files: ${error}`, { cause: error })
      })
      endings.push(await ending)
    }
    record({
      suite: 'faulty storage',
      what: `${name}: a full disk`,
      on: kind,
      tried: endings.length,
      ended: counted(endings),
    })
  })

  it('at a read-only destination is refused, or only reads', async (context) => {
    const possible = await readOnlyDisk(nothing)
    if (possible === undefined) return context.skip('mounting needs root')
    await possible.remove()
    const bad = await placed(name, async (objects) => {
      const disk = await readOnlyDisk(objects)
      if (disk === undefined) throw new Error('It could be made a moment ago.')
      return disk
    })
    const ending = await trial(name, bad, 'permission_denied')
    expect(ending === 'succeeded').toBe(name === 'restore')
    record({
      suite: 'faulty storage',
      what: `${name}: a read-only disk`,
      on: 'tmpfs',
      tried: 1,
      ended: counted([ending]),
    })
  })

  it('with few open files finishes, or reports that there are too few', async () => {
    const history = historyFor(name)
    const most = 12
    const bases = await Promise.all(
      Array.from({ length: most + 1 }, async () => ({
        places: [await onDisk(history), await onDisk(atSecond(operation(name), history))] as const,
        folder: scratch(),
      })),
    )
    const orders = bases.map(({ places, folder }, free) => ({
      name,
      addresses: places.map(({ address }) => address),
      days: history.days,
      shelf: folder,
      free,
    }))
    const fromSource = join(import.meta.dirname, '../../apps/plugin/test/from-source.mjs')
    const program = join(import.meta.dirname, 'scene/starve.mjs')
    const order = JSON.stringify({ rehearsals: orders.slice(-1), orders: orders.slice(0, -1) })
    const { stdout } = await promisify(execFile)('sh', [
      ...['-c', 'ulimit -n 256 && exec "$@"', 'sh'],
      ...[process.execPath, '--import', fromSource, program, order],
    ])
    const endings = stdout.trim().split('\n')
    expect(endings).toHaveLength(most)
    for (const [index, { places, folder }] of bases.entries()) {
      await judgeBoth(places, operation(name), history)
      const { restores } = operation(name)
      if (restores !== undefined) sameRows(shelfIn(folder).state(), stateOn(restores))
      if (index < most) expect(['done', ...refusal(name, 'unavailable')]).toContain(endings[index])
      rmSync(folder, { recursive: true })
      for (const place of places) await place.remove()
    }
    const ended = counted(endings.map((one) => (one === 'done' ? 'succeeded' : `failed: ${one}`)))
    record({ suite: 'faulty storage', what: `${name}: too few files to open`, tried: most, ended })
  })
})
