import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { applyUndo, planUndo } from '../src/index.js'
import { call, got, open, ours, stored } from './databases.js'

const clock = { now: Date.now() - 3_600_000 }
const s3 = await s3Server({}, { now: () => clock.now, wholeSeconds: true })

/** Numbers that look random and are the same each time. */
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

interface Row {
  readonly name: string
  readonly region: string
}

type State = Readonly<Record<string, Row>>

it.each([3, 17, 40])(
  'after an undo to any moment the database is what it was then, history %i',
  async (seed) => {
    const bucket = await s3.anotherBucket()
    await bucket.versioning('Enabled')
    const database = await open(s3.address('app', bucket), onS3)
    const define = (more: Record<string, string>) =>
      database.createResource({
        name: 'users',
        attributes: { name: 'string|required', region: 'string', ...more },
        partitions: { byRegion: { fields: { region: 'string' } } },
        asyncPartitions: false,
        behavior: 'body-overflow',
      })
    let users = await define({})
    const random = numbers(seed)
    const history: { readonly from: number; readonly state: State }[] = []
    /** One step of the clock at least, so that a second belongs to one state alone. */
    const note = (state: State) => {
      clock.now += 1000 + random(2500)
      history.push({ from: clock.now, state })
      clock.now += 1000 + random(2500)
    }
    let state: State = {}
    note(state)
    for (let round = 0; round < 12; round++) {
      if (round === 6) users = await define({ more: 'string|optional' })
      const steps = 1 + random(6)
      for (let step = 0; step < steps; step++) {
        const id = `id ${random(7)}`
        const row = {
          name: `${round}-${step} ${'x'.repeat(random(4) === 0 ? 3000 : 1)}`,
          region: ['asia', 'eu', 'us'][random(3)] ?? 'eu',
        }
        const { [id]: was, ...others } = state
        if (was === undefined) await users.insert({ id, ...row })
        else if (random(3) === 0) await users.delete(id)
        else await users.update(id, row)
        const gone = was !== undefined && !(await users.exists(id))
        state = gone ? others : { ...state, [id]: row }
        note(state)
      }
      clock.now += 10_000
      const wanted = history[random(history.length)]
      if (wanted === undefined) continue
      const plan = await planUndo(ours(database), new Date(wanted.from), {}, call)
      const report = await applyUndo(ours(database), plan, { created: true }, call)
      for (const { failed, changedMeanwhile, refused } of report.values())
        expect({ failed, changedMeanwhile, refused }).toEqual({ failed: [], changedMeanwhile: [] })
      state = wanted.state
      note(state)
      const found: Record<string, unknown> = {}
      for (const id of await users.listIds()) {
        const { name, region } = await got(users, id)
        found[id] = { name, region }
      }
      expect(found).toEqual(state)
      const references = [...(await stored(database, 'resource=users/partition=')).keys()].sort()
      const expected = Object.entries(state).map(
        ([id, { region }]) => `resource=users/partition=byRegion/region=${region}/id=${id}`,
      )
      expect(references).toEqual(expected.sort())
      clock.now += 10_000
      expect((await planUndo(ours(database), new Date(wanted.from), {}, call)).steps).toEqual([])
    }
  },
)

const hasty = { now: Date.now() - 280_000, delay: 0 }
/** Answers take their time, each another one, so that steps of several come in any order. */
const busy = await s3Server({}, { now: () => (hasty.now += 1), delay: () => Math.random() * hasty.delay })

it.each([30, 5, 5, 3])('whoever writes beside an undo has the last word, %i records', async (number) => {
  const bucket = await busy.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(busy.address('app', bucket), onS3)
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', region: 'string' },
  })
  const old = Array.from({ length: number }, (_, at) => `old ${at}`)
  const created = Array.from({ length: Math.ceil(number / 3) }, (_, at) => `new ${at}`)
  for (const id of old) await users.insert({ id, name: 'then', region: 'eu' })
  hasty.now += 20_000
  const at = new Date(hasty.now - 10_000)
  for (const [index, id] of old.entries())
    if (index % 3 === 0) await users.delete(id)
    else await users.replace(id, { name: 'spoilt', region: 'us' })
  for (const id of created) await users.insert({ id, name: 'new', region: 'us' })
  hasty.now += 20_000
  const plan = await planUndo(ours(database), at, {}, call)
  hasty.delay = 8
  const theirs = new Map<string, string>()
  const stop = new AbortController()
  const write = async () => {
    const ids = [...old, ...created]
    for (let n = 0; !stop.signal.aborted; n++) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? 'old 0'
      const key = `resource=users/data/id=${id}`
      await ours(database).client.putObject({ key, metadata: { _v: 'v1', 0: `theirs ${n}` }, body: '' })
      theirs.set(id, `theirs ${n}`)
      await pause(Math.random() * 2)
    }
  }
  const writing = write()
  const report = (await applyUndo(ours(database), plan, { created: true }, call)).get('users')
  stop.abort()
  await writing
  hasty.delay = 0
  const found: Record<string, unknown> = {}
  for (const id of await users.listIds()) found[id] = (await users.get(id)).name
  expect(found).toEqual({
    ...Object.fromEntries(old.map((id) => [id, 'then'])),
    ...Object.fromEntries(theirs),
  })
  expect(report?.failed).toEqual([])
  // What is reported to be kept was written; what nobody else wrote is brought back, or removed.
  const others = [...old, ...created].filter((id) => !theirs.has(id))
  expect([...(report?.broughtBack ?? []), ...(report?.removed ?? [])]).toEqual(expect.arrayContaining(others))
  expect([...theirs.keys()]).toEqual(expect.arrayContaining([...(report?.changedMeanwhile ?? [])]))
})
