import { type Driver, isBackupError, verify } from '@s3db-backup/core'
import { lagging, slow } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { byProfile, record } from './record.ts'
import { type History, makeHistory } from './scene/history.ts'
import { judgeBoth, judgeEnd, same, sameRows } from './scene/judge.ts'
import { stateOn } from './scene/model.ts'
import {
  atSecond,
  type Operation,
  type OperationName,
  operation,
  operationNames,
} from './scene/operations.ts'
import { inMemory, type Place } from './scene/places.ts'
import { misListings, type SpoiltCall, spoils, spoilt } from './scene/spoilt.ts'
import { type Shelf, shelf, targetOver } from './scene/target.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const { signal } = new AbortController()

/** All that works at a destination, reading alone included. */
const names = [...operationNames, 'verify'] as const
type Name = (typeof names)[number]

const verifying: Operation = {
  encrypted: false,
  async run({ driver, history }) {
    const [id = ''] = Object.keys(history.days).slice(-1)
    const { problems } = await verify({ driver, id })
    for (const problem of problems) throw problem
  },
}
const called = (name: Name): Operation => (name === 'verify' ? verifying : operation(name as OperationName))
const historyFor = (name: Name): History => (called(name).encrypted ? histories.encrypted : histories.plain)

interface Scene {
  readonly places: readonly [Place, Place]
  readonly shelf: Shelf
}

async function open(name: Name): Promise<Scene> {
  const history = historyFor(name)
  return {
    places: [await inMemory(history), await inMemory(atSecond(called(name), history))],
    shelf: shelf(),
  }
}

interface Drivers {
  readonly driver: Driver
  readonly second: Driver
}

const soundly = ({ places: [first, second] }: Scene): Drivers => ({
  driver: first.driver,
  second: second.driver,
})

function run(name: Name, drivers: Drivers, { shelf }: Scene): Promise<unknown> {
  return called(name).run({ history: historyFor(name), ...drivers, target: targetOver(shelf), signal })
}

/** Codes that say what is the matter where a storage gives or lists something wrong. */
const fitting = [
  'corrupt',
  'broken_chain',
  'not_found',
  'conflict',
  'incomplete',
  'undecryptable',
  'unavailable',
]

type Ending = 'succeeded' | `failed: ${string}`

/** The storage that has the fault is the one that is read, or for a copy the one that is written. */
function spoil(name: Name, { places: [first, second] }: Scene, call: SpoiltCall, number: number) {
  const writesSecond = call.at === 'put' && called(name).copies
  const bad = spoilt(writesSecond ? second.driver : first.driver, call, number)
  return writesSecond
    ? { bad, driver: first.driver, second: bad }
    : { bad, driver: bad, second: second.driver }
}

/** A fault, and what has to hold whether or not it was noticed. */
async function trial(name: Name, call: SpoiltCall, number: number): Promise<Ending> {
  const scene = await open(name)
  const { bad, ...drivers } = spoil(name, scene, call, number)
  const failure = await run(name, drivers, scene).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure !== undefined && !(isBackupError(failure) && fitting.includes(failure.code))) throw failure
  const { restores, makes } = called(name)
  if (restores !== undefined) sameRows(scene.shelf.state(), stateOn(restores))
  const effect = await judgeBoth(scene.places, called(name), historyFor(name))
  if (failure === undefined) {
    // A command that reports success has done its work: a made backup exists, a restore is complete, a verified
    // backup is sound.
    if (makes !== undefined) expect(effect).toBe(true)
    if (restores !== undefined) same(scene.shelf.state(), stateOn(restores), 'the target')
    // A misread manifest is read once more, and may then be right.
    if (name === 'verify') expect(bad.met.filter((key) => /jsonl/.test(key))).toEqual([])
  }
  // When the storage works again, the command succeeds. A file that was not listed may be left over.
  await run(name, soundly(scene), scene)
  await judgeEnd(scene, called(name), historyFor(name), { tidied: call.at !== 'list' })
  return failure === undefined ? 'succeeded' : `failed: ${isBackupError(failure) ? failure.code : ''}`
}

async function callsOf(name: Name, call: SpoiltCall): Promise<number> {
  const scene = await open(name)
  const { bad, ...drivers } = spoil(name, scene, call, 0)
  await run(name, drivers, scene)
  return bad.calls
}

async function everyCall(
  name: Name,
  what: string,
  kinds: Readonly<Record<string, SpoiltCall>>,
): Promise<void> {
  const ended = new Map<Ending, number>()
  let tried = 0
  for (const [index, [how, call]] of Object.entries(kinds).entries()) {
    const calls = await callsOf(name, call)
    for (let number = 1; number <= calls; number++) {
      // Every call gets some of the faults, and every fault hits some of the calls.
      if ((number + index) % byProfile({ short: 3, long: 1 }) !== 0) continue
      const ending = await trial(name, call, number).catch((error: unknown) => {
        throw new Error(`${call.at} ${number} of ${calls}, ${how}: ${error}`, { cause: error })
      })
      ended.set(ending, (ended.get(ending) ?? 0) + 1)
      tried += 1
    }
  }
  const sorted = Object.fromEntries([...ended].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  record({ suite: 'faulty storage', what: `${name}: ${what}`, tried, ended: sorted })
}

const each = <T, R>(kinds: Readonly<Record<string, T>>, make: (kind: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(kinds).map(([how, kind]) => [how, make(kind)]))

describe.each(names)('%s', (name) => {
  it('accepts no wrong bytes, whichever read it is', () =>
    everyCall(
      name,
      'wrong, short and long reads',
      each(spoils, (spoil) => ({ at: 'get', spoil }) as const),
    ))

  it('is not misled by a wrong listing, whichever listing it is', () =>
    everyCall(
      name,
      'stale and duplicated listings',
      each(misListings, (spoil) => ({ at: 'list', spoil }) as const),
    ))

  it.runIf(name !== 'verify')('detects wrong writes', () =>
    everyCall(
      name,
      'wrong and short writes',
      each(spoils, (spoil) => ({ at: 'put', spoil }) as const),
    ),
  )

  it('works on a lagging or slow storage', async () => {
    for (const around of [lagging, (driver: Driver) => slow(driver, { ms: 1 })]) {
      const scene = await open(name)
      await run(name, { ...soundly(scene), driver: around(scene.places[0].driver) }, scene)
      await judgeEnd(scene, called(name), historyFor(name))
    }
    record({
      suite: 'faulty storage',
      what: `${name}: a listing that lags, slow answers`,
      tried: 2,
      ended: { succeeded: 2 },
    })
  })
})
