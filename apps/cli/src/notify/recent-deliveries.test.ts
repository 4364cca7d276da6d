import { expect, test } from 'vitest'
import { recentDeliveries } from './recent-deliveries.js'

test('deliveries and failures are listed, the newest first, the last 200 of them', () => {
  const { add, lines } = recentDeliveries(() => new Date('2026-03-06T02:00:00.000Z'))
  add({ to: 'heartbeat', event: 'success', ok: true, attempts: 1, status: 200, reason: null })
  add({ to: 'webhook', event: 'failure', ok: false, attempts: 3, status: 500, reason: 'it answered 500' })
  const at = '2026-03-06T02:00:00.000Z'
  expect(lines()).toEqual([
    { at, to: 'webhook', event: 'failure', ok: false, said: 'it answered 500 (3 tried)' },
    { at, to: 'heartbeat', event: 'success', ok: true, said: 'it answered 200' },
  ])
  for (let n = 0; n < 300; n++)
    add({ to: 'webhook', event: 'start', ok: true, attempts: 1, status: 204, reason: null })
  expect(lines()).toHaveLength(200)
})
