import { backup, type Driver, isBackupError, records, verify } from '@s3db-backup/core'
import { afterAll, expect, it } from 'vitest'
import type { Fault, Rule } from '../../../tooling/s3/fault-proxy.ts'
import { sized } from '../../../tooling/test/sized.ts'
import { testBucket } from '../test/bucket.js'
import { throughFaults } from '../test/through-faults.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const direct = s3(bucket.options)
afterAll(async () => {
  await direct.close?.()
  await bucket.remove()
})

const wanted = sized({ quick: 40, full: 200 })
const faults: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'lost-answer' },
  { kind: 'torn-request', bytes: 300 },
  { kind: 'torn-answer', bytes: 40 },
  { kind: 'flipped-byte', at: 25 },
  { kind: 'stalled-answer', bytes: 10 },
  { kind: 'silence' },
  { kind: 'answer', status: 503, code: 'SlowDown' },
  { kind: 'answer', status: 500, code: 'InternalError' },
]
const requests = [/^PUT/, /^PUT.*s3db\.json/, /^GET.*jsonl/, /^GET.*list-type/, /^HEAD/]

/** Each round has other faults, and the same round always the same: every combination comes up in turn. */
function rulesFor(round: number): Rule[] {
  const pick = <T>(items: readonly T[], index: number): T => items[index % items.length] as T
  return [0, 1, 2].map((index) => ({
    match: pick(requests, round + index * 2),
    fault: pick(faults, Math.floor(round / requests.length) + round + index * 4),
    skip: (round * 7 + index) % 3,
    // Sometimes more often than the client retries.
    times: 1 + ((round + index) % 4),
  }))
}

const rows = (name: string) =>
  Array.from({ length: 50 }, (_, index) => ({ id: `${name}-${100 + index}`, index }))

async function oneRound(round: number): Promise<{ faults: number; made: boolean }> {
  const faulty = await throughFaults(bucket, { silence: 400, maxAttempts: 2 })
  for (const rule of rulesFor(round)) faulty.proxy.add(rule)
  const source = records({ users: { records: rows('u') }, orders: { records: rows('o') } })
  const folder = `round-${round}`
  const made = await backup({ source, driver: faulty.driver, folder }).then(
    ({ id }) => id,
    (error: unknown) => {
      expect(isBackupError(error), String(error)).toBe(true)
      return undefined
    },
  )
  const injected = faulty.proxy.log.filter((entry) => entry.fault !== undefined).length
  await faulty.close()
  await expectRightOrNone(direct, folder, made)
  return { faults: injected, made: made !== undefined }
}

/** What was announced is whole; what failed does not exist, or is whole as well. */
async function expectRightOrNone(driver: Driver, folder: string, made: string | undefined): Promise<void> {
  const { signal } = new AbortController()
  const ids: string[] = []
  for await (const { key } of driver.list(`${folder}/`, { signal })) {
    const id = key.endsWith('/s3db.json') ? key.split('/').at(-2) : undefined
    if (id !== undefined) ids.push(id)
  }
  if (made !== undefined) expect(ids).toEqual([made])
  for (const id of ids) expect(await verify({ driver, id })).toMatchObject({ ok: true, records: 100 })
}

it(`${wanted} faults later no backup is wrong: each is whole or not there`, async () => {
  const totals = { faults: 0, made: 0, failed: 0 }
  for (let round = 0; totals.faults < wanted; round += 8) {
    const results = await Promise.all(Array.from({ length: 8 }, (_, index) => oneRound(round + index)))
    for (const { faults, made } of results) {
      totals.faults += faults
      totals[made ? 'made' : 'failed'] += 1
    }
  }
  process.stdout.write(
    `${totals.faults} faults: ${totals.made} backups made, ${totals.failed} failed cleanly, none wrong\n`,
  )
  // Both outcomes occurred: a test where everything fails, or nothing does, would prove little.
  expect(totals.made).toBeGreaterThan(0)
  expect(totals.failed).toBeGreaterThan(0)
})
