import { expect, it } from 'vitest'
import { killSeries } from './kill-series.js'
import { redisServer } from './scene.js'

const redis = redisServer(6382)

it('two hundred times something is killed, and each time there is the whole backup or none', async () => {
  const { made, none } = await killSeries(redis, 200)
  expect(made + none).toBe(200)
  expect(made).toBeGreaterThanOrEqual(130)
})
