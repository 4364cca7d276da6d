import {
  abortBackup,
  commitBackup,
  planBackup,
  type Row,
  records,
  runShard,
  type Source,
} from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { interleave, steppedDriver, type Turn, turnsOf } from '../../../tooling/test/interleave.ts'
import { sync } from '../src/index.js'
import { bothIn, checkPlace, placeIn, type Scene } from './two-places.js'

// A backup in shards was committed at one destination; at the other one its plan is still there, with all that the
// workers have stored. A sync takes those parts for its own, and an abort removes them.

const schedules = turnsOf({ processes: 2, longest: 25 })

const id = 'victim'
const users: readonly Row[] = [{ id: 'ada' }, { id: 'bob' }]

function ranged(): Source {
  return {
    ...records({ users: { records: users } }),
    ranges: {
      async *ids() {
        yield users.map((user) => user.id)
      },
    },
    async *read(_resource, { range = {} }) {
      const { after = '', upTo = '~' } = range
      yield { rows: users.filter((user) => user.id > after && user.id <= upTo) }
    },
  }
}

async function committedAtOnePlace(): Promise<Scene> {
  const driver = memory()
  const source = ranged()
  const objects = new Map<string, Uint8Array>()
  await planBackup({ source, driver, id, shards: 2 })
  for (const index of [0, 1]) await runShard({ source, driver, id, index })
  for (const [key, bytes] of driver.objects) objects.set(`b/${key}`, bytes)
  await commitBackup({ source, driver, id })
  for (const [key, bytes] of driver.objects) objects.set(`a/${key}`, bytes)
  return { objects, ids: [id], contents: new Map([[id, users]]) }
}

it('in any order of their steps, of a sync and an abort at its target one is right', async () => {
  const scene = await committedAtOnePlace()
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(schedules, async (turns: readonly Turn[]) => {
      const objects = new Map(scene.objects)
      const outcomes = await interleave(
        objects,
        [
          (driver) => sync({ multi: bothIn(driver) }),
          (driver) => abortBackup({ driver: placeIn(driver, 'b'), id }),
        ],
        turns,
      )
      seen.add(outcomes.join(' '))
      const there = await checkPlace(placeIn(steppedDriver(objects), 'b'), scene)
      if (outcomes[0] === 'done') expect(there, outcomes.join(' ')).toEqual([id])
      expect(await checkPlace(placeIn(steppedDriver(objects), 'a'), scene)).toEqual([id])
    }),
    { numRuns: 200 },
  )
  expect([...seen].some((key) => key.startsWith('done'))).toBe(true)
})
