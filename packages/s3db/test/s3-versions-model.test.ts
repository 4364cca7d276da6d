import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { onS3, type S3Server, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseAt, databaseTarget, snapshotSource } from '../src/index.js'
import { call, open, openNew, ours } from './databases.js'

/** A clock that the test sets, near enough to the machine's own. */
function settable() {
  const state = { time: Math.floor(Date.now() / 1000) * 1000 - 600_000 }
  return { now: () => state.time, advance: (ms: number) => (state.time += ms) }
}

const fine = settable()
const coarse = settable()
const inMs = await s3Server(process.env, { now: fine.now })
const inSeconds = await s3Server({}, { now: coarse.now, wholeSeconds: true })

/** How many random moments are compared with the model, on each kind of clock. */
const moments = 200

/** Numbers that look random and are the same each time. */
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type State = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface Step {
  /** After this, and until the next step, the database was in this state. */
  readonly from: number
  readonly state: State
}

const ids = Array.from(
  { length: 12 },
  (_, at) => `${['plain', 'a b', 'ü+%', "it's", '日本 😀'][at % 5]}-${at}`,
).map((id) => id.replaceAll('%', '_'))

async function live(s3: S3Server, clock: ReturnType<typeof settable> | undefined, steps: number) {
  const real = clock === undefined || s3.server !== 'local'
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(s3.address('model/db', bucket), onS3)
  const random = numbers(7)
  const now = () => (real ? Date.now() : clock.now())
  const goOn = async (ms: number) => {
    if (real) await new Promise((resolve) => setTimeout(resolve, 30))
    else clock.advance(ms)
  }
  const define = (attributes: Record<string, string>) =>
    database.createResource({ name: 'users', attributes, behavior: 'body-overflow' })
  let users = await define({ name: 'string|required', n: 'number' })
  await goOn(5)
  const history: Step[] = [{ from: now(), state: {} }]
  for (let step = 0; step < steps; step++) {
    await goOn(random(4) === 0 ? 3 + random(40) : 200 + random(1500))
    const state: Record<string, Readonly<Record<string, unknown>>> = { ...history.at(-1)?.state }
    if (step === Math.floor(steps / 2))
      users = await define({ name: 'string|required', n: 'number', more: 'string|optional' })
    const id = ids[random(ids.length)] ?? 'x'
    const row = {
      name: `name ${step} ${'x'.repeat(random(5) === 0 ? 3000 : 3)}`,
      n: step,
      ...(step > steps / 2 ? { more: `more ${step}` } : {}),
    }
    if (state[id] === undefined) {
      await users.insert({ id, ...row })
      state[id] = row
    } else if (random(3) === 0) {
      await users.delete(id)
      delete state[id]
    } else {
      await users.replace(id, row)
      state[id] = row
    }
    await goOn(1)
    history.push({ from: now(), state })
  }
  if (real) await new Promise((resolve) => setTimeout(resolve, 6000))
  else clock.advance(10_000)
  return { database, history, random }
}

/** Several at once: a real server makes each request wait. */
async function atRandomMoments(
  history: readonly Step[],
  random: (below: number) => number,
  compare: (step: Step) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < moments; done += 8) {
    const some = Array.from({ length: Math.min(8, moments - done) }, () => history[random(history.length)])
    await Promise.all(some.map((step) => (step === undefined ? undefined : compare(step))))
  }
}

async function stateAt(database: unknown, at: number): Promise<State> {
  const source = databaseAt(ours(database), new Date(at))
  await source.describe(call)
  const found: Record<string, Record<string, unknown>> = {}
  for await (const { rows, lost } of source.read('users', call)) {
    expect(lost ?? []).toEqual([])
    for (const { id, ...row } of rows) {
      const { createdAt: _, updatedAt: __, ...rest } = row
      found[id] = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    }
  }
  return found
}

describe('a database as of any moment', () => {
  it('is what it was then, to the millisecond if the storage reports milliseconds', async () => {
    const { database, history, random } = await live(inMs, fine, 120)
    const real = inMs.server !== 'local'
    // With a server's own clock the last step is not used: a moment is in the middle of the pause after a step.
    const steps = real ? history.slice(0, -1) : history
    await atRandomMoments(steps, random, async (step) => {
      expect(await stateAt(database, real ? step.from + 5 : step.from)).toEqual(step.state)
    })
  })

  it('is what it was at the end of that second if the storage reports whole seconds', async () => {
    const { database, history, random } = await live(inSeconds, coarse, 120)
    await atRandomMoments(history, random, async (step) => {
      const second = Math.floor(step.from / 1000) * 1000
      const last = history.findLast(({ from }) => Math.floor((from - 1) / 1000) * 1000 <= second)
      expect(await stateAt(database, second + random(1000))).toEqual(last?.state)
    })
  })
})

describe('a chain of backups, each of one moment', () => {
  it('restores the database at the recorded moment of each, even in whole seconds', async () => {
    const bucket = await inSeconds.anotherBucket()
    await bucket.versioning('Enabled')
    const database = await open(inSeconds.address('chain', bucket), onS3)
    const users = await database.createResource({ name: 'users', attributes: { n: 'number' } })
    const random = numbers(11)
    const history: { readonly at: number; readonly state: Readonly<Record<string, number>> }[] = []
    let state: Record<string, number> = {}
    const step = async (n: number) => {
      const id = `id-${random(8)}`
      coarse.advance(random(2500))
      state = { ...state }
      const isThere = state[id] !== undefined
      if (isThere && random(3) === 0) {
        await users.delete(id)
        delete state[id]
      } else {
        await (isThere ? users.replace(id, { n }) : users.insert({ id, n }))
        state[id] = n
      }
      history.push({ at: coarse.now(), state })
    }
    for (let n = 0; n < 20; n++) await step(n)
    coarse.advance(10_000)
    const driver = memory()
    for (let link = 0; link < 12; link++) {
      const incremental = link > 0
      const source = snapshotSource(ours(database), { snapshot: 'versions', incremental })
      const made = await backup({
        source,
        driver,
        ...(incremental ? { type: 'incremental', incremental: {} } : {}),
      })
      const asOf = Date.parse(made.manifest.asOf ?? '')
      const expected = history.findLast(({ at }) => Math.floor(at / 1000) * 1000 <= asOf)?.state ?? {}
      const target = await openNew('memory')
      await restore({ driver, id: made.id, target: databaseTarget(ours(target)) })
      const there = (await target.resources.users?.getAll()) ?? []
      expect(Object.fromEntries(there.map((record) => [record.id, record.n]))).toEqual(expected)
      const steps = random(8)
      for (let n = 0; n < steps; n++) await step(100 * link + n)
      coarse.advance(random(4000))
    }
  })
})
