import { setTimeout as pause } from 'node:timers/promises'
import { BackupError, commitBackup, planBackup, runShard, shardStatus } from '@s3db-backup/core'
import { keygen } from '@s3db-backup/encryption'
import { expect, it } from 'vitest'
import { shardWorker } from '../src/index.js'
import { killSeries } from './kill-series.js'
import { syntheticSource } from './processes/synthetic-source.mjs'
import { model, recordCount, recordsIn, redisServer, scene } from './scene.js'

const redis = redisServer(6381)

const planned = (here: ReturnType<typeof scene>, id: string) =>
  planBackup({ driver: here.driver, source: syntheticSource(recordCount, 0), shards: 6, id })

it('a plan that two coordinators queue at once is made once, by any workers', async () => {
  const here = scene(redis, 'twice')
  try {
    await planned(here, 'one')
    await Promise.all([here.queue.add('one', 6), here.queue.add('one', 6)])
    expect(await here.queue.progress('one')).toMatchObject({ state: 'waiting', shards: 6, done: 0 })
    await Promise.all([here.worker(), here.worker()])
    const seen: number[] = []
    await here.queue.finished('one', { onProgress: ({ done }) => seen.push(done) })
    expect(seen.at(-1)).toBe(6)
    expect(await recordsIn(here, 'one')).toEqual(model)
    expect(await here.queue.progress('one')).toMatchObject({ state: 'done', shards: 6, done: 6 })
  } finally {
    await here.close()
  }
})

it('a permanent error fails the backup at once, and Redis does not get its details', async () => {
  const here = scene(redis, 'failing')
  try {
    await here.worker()
    await here.queue.add('not-planned', 2)
    const failing = here.queue.finished('not-planned')
    await expect(failing).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/shard \d: not_found: /),
    })
  } finally {
    await here.close()
  }
})

it('a plan that failed is made once it is queued again, also while another shard of it is still under way', async () => {
  const here = scene(redis, 'again')
  const { driver, connection } = here
  const source = syntheticSource(recordCount, 0)
  const commit = (id: string, signal: AbortSignal) => commitBackup({ id, driver, source, signal })
  const ended = new Set<number>()
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const wrong = shardWorker({
    ...connection,
    concurrency: 2,
    commit,
    run: async (_, index) => {
      if (index !== 0) throw new BackupError('undecryptable', 'The key is wrong')
      await released
    },
    onEnd: ({ index }) => index !== undefined && ended.add(index),
  })
  try {
    await planned(here, 'again')
    await here.queue.add('again', 6)
    await expect(here.queue.finished('again')).rejects.toMatchObject({ code: 'unavailable' })
    expect(ended.has(0)).toBe(false)
    const adding = here.queue.add('again', 6)
    release()
    await wrong.close()
    await adding
    const right = shardWorker({
      ...connection,
      commit,
      run: (id, index, signal) => runShard({ id, index, driver, source, signal }),
    })
    await here.queue.finished('again')
    await right.close()
    expect(await recordsIn(here, 'again')).toEqual(model)
  } finally {
    release()
    await here.close()
  }
})

it('a paused queue continues when resumed, and a cancelled backup is not made', async () => {
  const here = scene(redis, 'paused')
  try {
    await planned(here, 'later')
    await here.queue.pause()
    await here.queue.add('later', 6)
    await here.worker()
    await pause(500)
    expect(await shardStatus({ driver: here.driver, id: 'later' })).toMatchObject({ stored: 0 })
    await here.queue.cancel('later')
    expect(await here.queue.progress('later')).toMatchObject({ state: 'unknown' })
    await here.queue.add('later', 6)
    await here.queue.resume()
    await here.queue.finished('later')
    expect(await recordsIn(here, 'later')).toEqual(model)
  } finally {
    await here.close()
  }
})

it.each([
  ['plain', 6, undefined],
  ['encrypted', 6, keygen()],
])('after repeated kills there is always the whole backup or none (%s)', async (_, kills, key) => {
  const { made, none } = await killSeries(redis, kills, key)
  expect(made + none).toBe(kills)
  // Only a coordinator that dies before it has queued leaves no backup.
  expect(made).toBeGreaterThanOrEqual(4)
})
