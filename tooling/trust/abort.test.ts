import { setTimeout as realPause } from 'node:timers/promises'
import { ordered } from '@s3db-backup/core/internal'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openEndpoint } from '../s3/endpoint.ts'
import { byProfile, record } from './record.ts'
import { finalisable } from './scene/finalised.ts'
import { type History, makeHistory } from './scene/history.ts'
import { isNote, judgeBoth, judgeEnd, keysAt } from './scene/judge.ts'
import { openFilesBelow } from './scene/open-files.ts'
import { atSecond, type OperationName, operation, operationNames } from './scene/operations.ts'
import { bucketOf, inMemory, type MakePlace, onDisk, type Place, serverName } from './scene/places.ts'
import { type OnStep, stepping } from './scene/steps.ts'
import { type Shelf, shelf, targetOver } from './scene/target.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const historyFor = (name: OperationName): History =>
  operation(name).encrypted ? histories.encrypted : histories.plain

interface Scene {
  readonly places: readonly [Place, Place]
  readonly shelf: Shelf
}

async function open(make: MakePlace, name: OperationName): Promise<Scene> {
  const history = historyFor(name)
  return { places: [await make(history), await make(atSecond(operation(name), history))], shelf: shelf() }
}

/** Starts an operation whose storage, target and source count their steps together. */
function start(name: OperationName, { places, shelf }: Scene, signal: AbortSignal, onStep?: OnStep) {
  const steps = stepping(onStep)
  const reads: ReturnType<typeof finalisable>[] = []
  const work = operation(name).run({
    history: historyFor(name),
    driver: steps.driver(places[0].driver),
    second: steps.driver(places[1].driver),
    target: steps.target(targetOver(shelf)),
    signal,
    watch(source) {
      const read = finalisable(steps.source(source))
      reads.push(read)
      return read.source
    },
  })
  return { work, steps, openReads: () => reads.reduce((sum, read) => sum + read.open(), 0) }
}

async function stepsOf(name: OperationName): Promise<number> {
  const { work, steps } = start(name, await open(inMemory, name), new AbortController().signal)
  await work
  return steps.taken
}

type Ending = 'stopped' | 'had finished'

const reason = new Error('enough')

async function endingOf(work: Promise<unknown>): Promise<Ending> {
  const outcome = await work.then(
    () => 'had finished' as const,
    (error: unknown) => ({ error }),
  )
  if (outcome === 'had finished') return outcome
  expect(outcome.error).toBe(reason)
  return 'stopped'
}

/** What an aborted operation leaves: nothing of a backup, no new file that is not a whole thing of its own. */
async function expectNothingLeft(
  name: OperationName,
  scene: Scene,
  before: readonly string[],
): Promise<void> {
  const { makes, restores } = operation(name)
  const history = historyFor(name)
  const found = (await keysAt(scene.places[0].driver)).filter((key) => !isNote(key))
  if (makes !== undefined || restores !== undefined) expect(found).toEqual(before)
  // Allowed to be unfinished: removals, which continue where they stopped, and a new key next to the old one.
  else
    expect(found.filter((key) => !before.includes(key) && !/(keys\.2|deleted.*)\.json$/.test(key))).toEqual(
      [],
    )
  await judgeBoth(scene.places, operation(name), history)
}

async function finish(name: OperationName, scene: Scene): Promise<void> {
  await start(name, scene, new AbortController().signal).work
  await judgeEnd(scene, operation(name), historyFor(name))
}

describe('at a storage that stops answering at that moment', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    return () => vi.useRealTimers()
  })

  /** Lets a second pass on the clock of the program, and then only waits for what the machine is still doing. */
  async function aSecond(isOver: () => boolean): Promise<void> {
    for (let ms = 0; ms < 1000; ms += 50) {
      await vi.advanceTimersByTimeAsync(50)
      if (!isOver()) await realPause(0)
    }
    for (let patience = 0; patience < 20_000 && !isOver(); patience++) await realPause(5)
  }

  async function trial(name: OperationName, at: number): Promise<Ending> {
    const scene = await open(inMemory, name)
    const before = await keysAt(scene.places[0].driver)
    const controller = new AbortController()
    const aborted = new Promise<void>((resolve) =>
      controller.signal.addEventListener('abort', () => resolve()),
    )
    const { work, openReads } = start(name, scene, controller.signal, ({ number }, call) => {
      if (number !== at) return undefined
      controller.abort(reason)
      // Calls that clean up have their own signal and timeout.
      return call.signal.aborted ? new Promise<never>(() => undefined) : undefined
    })
    let ending: Ending | undefined
    const ended = endingOf(work).then((how) => {
      ending = how
    })
    await Promise.race([aborted, ended])
    await aSecond(() => ending !== undefined)
    if (ending === undefined) throw new Error('It waits for a storage that will never answer')
    await ended
    expect(openReads()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    if (ending === 'stopped') await expectNothingLeft(name, scene, before)
    await finish(name, scene)
    return ending
  }

  it.each(operationNames)('%s settles within a second, and leaves nothing', async (name) => {
    const steps = await stepsOf(name)
    const ended: Record<Ending, number> = { stopped: 0, 'had finished': 0 }
    for (let at = 1; at <= steps; at++) {
      const attempt = trial(name, at).catch((error: unknown) => {
        throw new Error(`step ${at} of ${steps}: ${error}`, { cause: error })
      })
      ended[await attempt] += 1
    }
    record({ suite: 'abort', what: `${name}, memory: the call under way never answers`, tried: steps, ended })
  })
})

const endpoint = await openEndpoint()
const s3 = await bucketOf(endpoint)
afterAll(async () => {
  await s3.remove()
  await endpoint.close()
})

/** So many of the steps, spread over all of them. */
const spread = (steps: number, most: number): number[] =>
  Array.from({ length: Math.min(steps, most) }, (_, index) =>
    Math.ceil(((index + 0.5) * steps) / Math.min(steps, most)),
  )

describe.each([
  ['filesystem', onDisk, undefined, byProfile({ short: 8, long: Infinity })],
  ['S3', s3.make, serverName(endpoint), byProfile({ short: 3, long: Infinity })],
] as const)('on %s', (storage, make, on, most) => {
  async function trial(name: OperationName, at: number): Promise<Ending> {
    const scene = await open(make, name)
    const before = await keysAt(scene.places[0].driver)
    const controller = new AbortController()
    const { work, openReads } = start(name, scene, controller.signal, ({ number }) => {
      if (number === at) controller.abort(reason)
    })
    const ending = await endingOf(work)
    expect(openReads()).toBe(0)
    for (const { address } of scene.places) expect(await openFilesBelow(address)).toEqual([])
    for (const place of scene.places) expect(await place.unfinished()).toEqual([])
    if (ending === 'stopped') await expectNothingLeft(name, scene, before)
    await finish(name, scene)
    for (const place of scene.places) await place.remove()
    return ending
  }

  it.each(operationNames)('%s leaves no handle, no upload and nothing of a backup', async (name) => {
    const ended: Record<Ending, number> = { stopped: 0, 'had finished': 0 }
    const steps = spread(await stepsOf(name), most)
    const attempt = (at: number) =>
      trial(name, at).catch((error: unknown) => {
        throw new Error(`step ${at}: ${error}`, { cause: error })
      })
    for await (const ending of ordered(steps, 3, attempt)) ended[ending] += 1
    record({
      suite: 'abort',
      what: `${name}, ${storage}: handles, uploads, leftovers`,
      on,
      tried: steps.length,
      ended,
    })
  })
})
