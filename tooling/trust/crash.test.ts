import { BackupError } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { describe, expect, it } from 'vitest'
import { byProfile, record } from './record.ts'
import { type History, makeHistory } from './scene/history.ts'
import { isNote, judgeBoth, judgeEnd, keysAt } from './scene/judge.ts'
import { atSecond, type OperationName, operation, operationNames } from './scene/operations.ts'
import { inMemory, type MakePlace, onDisk, type Place } from './scene/places.ts'
import { stepping } from './scene/steps.ts'
import { type Shelf, shelf, targetOver } from './scene/target.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const historyFor = (name: OperationName): History =>
  operation(name).encrypted ? histories.encrypted : histories.plain

/** `once`: one call fails and the storage goes on. `gone`: from there on nothing answers, as for a process that died. */
type Fault = 'once' | 'gone'

interface Trial {
  readonly places: readonly [Place, Place]
  readonly shelf: Shelf
}

async function open(make: MakePlace, name: OperationName): Promise<Trial> {
  const history = historyFor(name)
  return {
    places: [await make(history), await make(atSecond(operation(name), history))],
    shelf: shelf(),
  }
}

/** Runs an operation, and says how many steps it took and whether it came to its end. */
async function run(name: OperationName, { places, shelf }: Trial, failAt = Infinity, fault: Fault = 'once') {
  const failure = new BackupError('unavailable', `Step ${failAt} fails`)
  const steps = stepping(({ number }) => {
    if (number === failAt || (fault === 'gone' && number > failAt)) throw failure
  })
  const [driver, second] = places.map((place) => steps.driver(place.driver))
  if (driver === undefined || second === undefined) throw new Error('Two places are needed.')
  const outcome = await operation(name)
    .run({
      history: historyFor(name),
      driver,
      second,
      target: steps.target(targetOver(shelf)),
      signal: new AbortController().signal,
    })
    .then(
      () => 'finished' as const,
      (error: unknown) => error,
    )
  return { outcome, steps: steps.taken }
}

/** One fault, and everything that has to hold afterwards. */
async function trial(name: OperationName, make: MakePlace, fault: Fault, failAt: number): Promise<Ending> {
  const tried = await open(make, name)
  const before = await keysAt(tried.places[0].driver)
  const { outcome } = await run(name, tried, failAt, fault)
  const effect = await judgeBoth(tried.places, operation(name), historyFor(name))
  if (outcome !== 'finished') {
    expect(outcome).toBeInstanceOf(BackupError)
    // If the storage still answers, a failing backup leaves it as it was.
    if (fault === 'once' && operation(name).makes !== undefined)
      expect((await keysAt(tried.places[0].driver)).filter((key) => !isNote(key))).toEqual(before)
  }
  expect((await run(name, tried)).outcome).toBe('finished')
  await judgeEnd(tried, operation(name), historyFor(name))
  for (const place of tried.places) await place.remove()
  if (outcome === 'finished') return 'survived'
  return effect ? 'completed' : 'unchanged'
}

type Ending = 'unchanged' | 'completed' | 'survived'

async function stepsOf(name: OperationName, make: MakePlace): Promise<number> {
  const rehearsal = await open(make, name)
  const { steps, outcome } = await run(name, rehearsal)
  expect(outcome).toBe('finished')
  await judgeEnd(rehearsal, operation(name), historyFor(name))
  for (const place of rehearsal.places) await place.remove()
  return steps
}

describe.each([
  ['memory', inMemory, ['once', 'gone'], 1],
  [
    'filesystem',
    onDisk,
    byProfile<Fault[]>({ short: ['gone'], long: ['once', 'gone'] }),
    byProfile({ short: 4, long: 1 }),
  ],
] as const)('on %s', (storage, make, faults, every) => {
  it.each(operationNames)(
    '%s: whichever step fails, nothing is lost and the next run finishes',
    async (name) => {
      const steps = await stepsOf(name, make)
      const numbers = Array.from({ length: Math.floor(steps / every) }, (_, index) => steps - index * every)
      for (const fault of faults) {
        const ended = { unchanged: 0, completed: 0, survived: 0 }
        const attempt = (failAt: number) =>
          trial(name, make, fault, failAt).catch((error: unknown) => {
            throw new Error(`${fault} at step ${failAt} of ${steps}: ${error}`, { cause: error })
          })
        for await (const ending of ordered(numbers, 4, attempt)) ended[ending] += 1
        const how = fault === 'once' ? 'one step fails' : 'nothing answers from a step on'
        record({ suite: 'crash', what: `${name}, ${storage}: ${how}`, tried: numbers.length, ended })
      }
    },
  )
})
