import { expect, test } from 'vitest'
import type { Client } from '../client/database.js'
import { storageClock } from './steady-listing.js'

const client: Client = {
  config: { endpoint: 'http://127.0.0.1:9' },
  listObjects: async () => ({}),
  getObject: async () => ({}),
  putObject: async () => undefined,
  deleteObject: async () => undefined,
}
const now = Date.parse('2026-01-01T00:00:00Z')

test('an object dated years ahead does not make recent writes look settled', () => {
  const clock = storageClock(client, () => now)
  clock.see(now - 500)
  clock.see(Date.parse('2031-01-01T00:00:00Z'))
  expect(clock.isSettled(now - 600)).toBe(false)
  expect(clock.isSettled(now - 10_000)).toBe(true)
})

test('a cursor from a clock that was ahead is not used', () => {
  const clock = storageClock(client, () => now)
  clock.goOn({ newest: Date.parse('2031-01-01T00:00:00Z') })
  clock.see(now)
  expect(clock.isSettled(now - 100)).toBe(false)
})

test('a record without a time is never settled', () => {
  const clock = storageClock(client, () => now)
  clock.see(now)
  expect(clock.isSettled(0)).toBe(false)
})
