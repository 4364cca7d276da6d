import { isBackupError } from '@s3db-backup/core'
import { ordered } from '@s3db-backup/core/internal'
import { afterAll, describe, expect, it } from 'vitest'
import { throughFaults } from '../../packages/driver-s3/test/through-faults.ts'
import { openEndpoint } from '../s3/endpoint.ts'
import type { Fault } from '../s3/fault-proxy.ts'
import { byProfile, record } from './record.ts'
import { type History, makeHistory } from './scene/history.ts'
import { judgeBoth, judgeEnd, same, sameRows } from './scene/judge.ts'
import { stateOn } from './scene/model.ts'
import { atSecond, type OperationName, operation, operationNames } from './scene/operations.ts'
import { bucketOf, type Place, serverName } from './scene/places.ts'
import { shelf, targetOver } from './scene/target.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const historyFor = (name: OperationName): History =>
  operation(name).encrypted ? histories.encrypted : histories.plain

const endpoint = await openEndpoint()
const bucket = await bucketOf(endpoint)
afterAll(async () => {
  await bucket.remove()
  await endpoint.close()
})

const { signal } = new AbortController()

/** What a connection does. Without a number of times it goes on for longer than the client tries. */
const faults: Readonly<Record<string, { readonly fault: Fault; readonly times: number }>> = {
  'a burst of 503': { fault: { kind: 'answer', status: 503, code: 'SlowDown' }, times: 1 },
  'nothing but 503': { fault: { kind: 'answer', status: 503, code: 'SlowDown' }, times: 40 },
  'an answer is lost': { fault: { kind: 'lost-answer' }, times: 1 },
  'every answer is lost': { fault: { kind: 'lost-answer' }, times: 40 },
  'the connection is reset': { fault: { kind: 'reset' }, times: 1 },
  'an answer breaks off': { fault: { kind: 'torn-answer', bytes: 40 }, times: 1 },
  'answers break off': { fault: { kind: 'torn-answer', bytes: 40 }, times: 40 },
  'a byte of an answer is wrong': { fault: { kind: 'flipped-byte', at: 25 }, times: 1 },
  'an answer is stuck': { fault: { kind: 'stalled-answer', bytes: 10 }, times: 1 },
  'there is no answer': { fault: { kind: 'silence' }, times: 1 },
}

const requests = [/^PUT/, /^GET .*jsonl/, /^GET .*s3db\.json/, /^GET .*list-type/, /^(DELETE|POST)/]
const fitting = ['unavailable', 'corrupt', 'broken_chain', 'incomplete', 'conflict']

/** Most of a trial is waiting for answers that do not come. */
const inFlight = 12

interface Trial {
  readonly fault: (typeof faults)[string]
  readonly match: RegExp
  /** How many matching requests pass first. */
  readonly skip: number
}

/** Which of all combinations are tried. In a short run each of them meets one operation. */
function trialsFor(name: OperationName): Trial[] {
  const all = Object.values(faults).flatMap((fault) => requests.map((match) => ({ fault, match })))
  const turn = operationNames.indexOf(name)
  return byProfile({
    short: all
      .filter((_, index) => index % operationNames.length === turn)
      .map((one, index) => ({ ...one, skip: index % 2 })),
    long: all.flatMap((one) => [0, 1, 2, 5, 9].map((skip) => ({ ...one, skip }))),
  })
}

async function trial(name: OperationName, { fault, match, skip }: Trial): Promise<string | undefined> {
  const history = historyFor(name)
  const places: [Place, Place] = [
    await bucket.make(history),
    await bucket.make(atSecond(operation(name), history)),
  ]
  const [{ address }, second] = places
  if (address.kind !== 's3') throw new Error('This is about S3.')
  const faulty = await throughFaults({ endpoint, options: address.options }, { silence: 400, maxAttempts: 2 })
  faulty.proxy.add({ match, skip, ...fault })
  const into = shelf()
  const run = (driver: Place['driver']) =>
    operation(name).run({ history, driver, second: second.driver, target: targetOver(into), signal })
  const failure = await run(faulty.driver).then(
    () => undefined,
    (error: unknown) => error,
  )
  const met = faulty.proxy.log.some((entry) => entry.fault !== undefined)
  await faulty.close()
  if (failure !== undefined && !(isBackupError(failure) && fitting.includes(failure.code))) throw failure
  const { restores } = operation(name)
  if (restores !== undefined) sameRows(into.state(), stateOn(restores))
  await judgeBoth(places, operation(name), history)
  if (failure === undefined && restores !== undefined) same(into.state(), stateOn(restores), 'the target')
  await run(places[0].driver)
  await judgeEnd({ places, shelf: into }, operation(name), history)
  for (const place of places) await place.remove()
  if (!met) return undefined
  return isBackupError(failure) ? `failed: ${failure.code}` : 'succeeded'
}

describe('behind an unreliable connection', () => {
  it.each(operationNames)('%s succeeds, or fails and nothing is lost', async (name) => {
    const ended = new Map<string, number>()
    const attempt = (one: Trial) =>
      trial(name, one).catch((error: unknown) => {
        throw new Error(`${JSON.stringify(one.fault)} at ${one.match}: ${error}`, { cause: error })
      })
    for await (const ending of ordered(trialsFor(name), inFlight, attempt))
      if (ending !== undefined) ended.set(ending, (ended.get(ending) ?? 0) + 1)
    const tried = [...ended.values()].reduce((sum, count) => sum + count, 0)
    expect(tried).toBeGreaterThan(0)
    record({
      suite: 'faulty storage',
      what: `${name}, S3: 503, lost, torn, stuck and altered answers`,
      on: serverName(endpoint),
      tried,
      ended: Object.fromEntries([...ended].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    })
  })
})
