import { BackupError } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { probeDriver } from './probe-destination.js'

const { signal } = new AbortController()
const shifted = (ms: number) => ({ clock: () => new Date(Date.now() + ms) })

it.each([
  ['none of its own', { clock: false }, 'ok', 'the clock of this machine is used'],
  ['one that agrees', shifted(0), 'ok', 'agrees'],
  ['one that is ahead', shifted(7_200_000), 'note', '7200 s behind the destination’s'],
  ['one that is behind', shifted(-7_200_000), 'note', '7200 s ahead of the destination’s'],
] as const)('says whose clock counts at a destination that has %s', async (_, options, level, message) => {
  const finding = (await probeDriver(memory(options), { signal })).find(({ check }) => check === 'clock')
  expect(finding).toMatchObject({ level, message: expect.stringContaining(message) })
})

it('says that the clock of a destination cannot be read', async () => {
  const driver = {
    ...memory(),
    clock: () => Promise.reject(new BackupError('unavailable', 'no answer')),
  }
  const findings = await probeDriver(driver, { signal })
  expect(findings.filter(({ level }) => level === 'problem')).toMatchObject([
    { check: 'clock', error: { code: 'unavailable' } },
  ])
})
