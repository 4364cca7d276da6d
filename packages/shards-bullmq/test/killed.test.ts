import { keygen } from '@s3db-backup/encryption'
import { expect, it } from 'vitest'
import { killSeries } from './kill-series.js'
import { redisServer } from './scene.js'

const redis = redisServer(6382)

/** How often something is killed, half of it while backups are encrypted. */
const kills = Math.ceil(Number(process.env.KILLS ?? 200) / 2)

it.each([
  ['plain', undefined],
  ['encrypted', keygen()],
])(
  'after repeated kills there is always the whole backup or none (%s)',
  {
    timeout: kills * 60_000,
  },
  async (_, key) => {
    const { made, none } = await killSeries(redis, kills, key)
    expect(made + none).toBe(kills)
    // One kill in three hits a coordinator; only one that dies before it has queued leaves no backup.
    expect(made).toBeGreaterThanOrEqual(Math.floor(0.65 * kills))
  },
)
