import { expect, it } from 'vitest'
import { killSeries } from './kill-series.js'
import { redisServer } from './scene.js'

const redis = redisServer(6382)

/** How often something is killed. */
const kills = Number(process.env.KILLS ?? 200)

it(`${kills} times something is killed, and each time there is the whole backup or none`, {
  timeout: kills * 60_000,
}, async () => {
  const { made, none } = await killSeries(redis, kills)
  expect(made + none).toBe(kills)
  // Of three kills one is of a coordinator; only one that dies before it has queued leaves none.
  expect(made).toBeGreaterThanOrEqual(Math.floor(0.65 * kills))
})
