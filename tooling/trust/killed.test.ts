import { rmSync } from 'node:fs'
import { ordered } from '@s3db-backup/core/internal'
import { afterAll, describe, expect, it } from 'vitest'
import { openEndpoint } from '../s3/endpoint.ts'
import { byProfile, record } from './record.ts'
import { inChild, type Order } from './scene/children.ts'
import { type History, makeHistory } from './scene/history.ts'
import { judgeBoth, judgeEnd } from './scene/judge.ts'
import { atSecond, type OperationName, operation, operationNames } from './scene/operations.ts'
import {
  bucketOf,
  inMemory,
  type MakePlace,
  onDisk,
  type Place,
  scratch,
  serverName,
} from './scene/places.ts'
import { stepping } from './scene/steps.ts'
import { shelf, shelfIn, targetOver } from './scene/target.ts'

const histories = { plain: await makeHistory(false), encrypted: await makeHistory(true) }
const historyFor = (name: OperationName): History =>
  operation(name).encrypted ? histories.encrypted : histories.plain

const endpoint = await openEndpoint()
const s3 = await bucketOf(endpoint)
afterAll(async () => {
  await s3.remove()
  await endpoint.close()
})

/** How many steps an operation takes. In another process and at another storage it may be some more or less. */
async function stepsOf(name: OperationName): Promise<number> {
  const history = historyFor(name)
  const steps = stepping()
  await operation(name).run({
    history,
    driver: steps.driver((await inMemory(history)).driver),
    second: steps.driver((await inMemory(atSecond(operation(name), history))).driver),
    target: steps.target(targetOver(shelf())),
    signal: new AbortController().signal,
  })
  return steps.taken
}

type Death = Pick<Order, 'killAt' | 'killAfter'>

/** Deaths at steps that are spread over all of them, and at moments that are left to chance. */
function deathsOf(steps: number): Death[] {
  const { atSteps, atRandom } = byProfile({
    short: { atSteps: 3, atRandom: 1 },
    long: { atSteps: Math.min(steps, 60), atRandom: 30 },
  })
  return [
    ...Array.from({ length: atSteps }, (_, index) => ({
      killAt: Math.ceil(((index + 0.5) * steps) / atSteps),
    })),
    ...Array.from({ length: atRandom }, () => ({ killAfter: Math.random() * 300 })),
  ]
}

type Ending = 'killed, unchanged' | 'killed, completed' | 'finished before the kill'

async function trial(name: OperationName, make: MakePlace, death: Death): Promise<Ending> {
  const history = historyFor(name)
  const places: [Place, Place] = [await make(history), await make(atSecond(operation(name), history))]
  const folder = scratch()
  try {
    const order = { name, addresses: places.map(({ address }) => address), days: history.days, shelf: folder }
    const outcome = await inChild({ ...order, ...death })
    const effect = await judgeBoth(places, operation(name), history)
    await operation(name).run({
      history,
      driver: places[0].driver,
      second: places[1].driver,
      target: targetOver(shelfIn(folder)),
      signal: new AbortController().signal,
    })
    await judgeEnd({ places, shelf: shelfIn(folder) }, operation(name), history)
    if (outcome === 'finished') return 'finished before the kill'
    return effect ? 'killed, completed' : 'killed, unchanged'
  } finally {
    rmSync(folder, { recursive: true })
    for (const place of places) await place.remove()
  }
}

describe.each([
  ['filesystem', onDisk, undefined],
  ['S3', s3.make, serverName(endpoint)],
] as const)('on %s', (storage, make, on) => {
  it.each(operationNames)('%s: whenever its process is killed, nothing is lost', async (name) => {
    const ended: Record<Ending, number> = {
      'killed, unchanged': 0,
      'killed, completed': 0,
      'finished before the kill': 0,
    }
    const deaths = deathsOf(await stepsOf(name))
    const attempt = (death: Death) =>
      trial(name, make, death).catch((error: unknown) => {
        throw new Error(`${JSON.stringify(death)}: ${error}`, { cause: error })
      })
    for await (const ending of ordered(deaths, 3, attempt)) ended[ending] += 1
    // Every process that was to kill itself at a step did so.
    expect(ended['finished before the kill']).toBeLessThan(deaths.length)
    record({
      suite: 'crash',
      what: `${name}, ${storage}: the process is killed`,
      on,
      tried: deaths.length,
      ended,
    })
  })
})
