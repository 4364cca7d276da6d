import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { abortBackup, isBackupError, openCatalog, shardStatus } from '@s3db-backup/core'
import { expect } from 'vitest'
import { restoredByMany } from './restored-by-many.js'
import { model, type RedisServer, type Scene, scene } from './scene.js'

/**
 * One backup after the other, each by three workers, and in each one thing is killed at a random moment: a worker, the
 * coordinator, or Redis. Each ends in a backup that equals the model, or in none. Each backup is restored by three
 * processes, one of which is killed. With a key all of it is encrypted.
 */
export async function killSeries(
  redis: RedisServer,
  kills: number,
  key?: string,
): Promise<{ made: number; none: number }> {
  const here = scene(redis, 'kills', key)
  let [made, none] = [0, 0]
  try {
    const workers = await Promise.all([here.worker(), here.worker(), here.worker()])
    for (let kill = 0; kill < kills; kill++) {
      const id = `kill-${kill}`
      const coordinator = here.coordinator(id)
      const ended = once(coordinator, 'exit')
      if (coordinator.stdout !== null) await once(coordinator.stdout, 'data')
      await pause(Math.random() * 900)
      const what = kill % 3
      if (what === 0) {
        const at = Math.floor(Math.random() * workers.length)
        workers[at]?.kill('SIGKILL')
        workers[at] = await here.worker()
      } else if (what === 1) coordinator.kill('SIGKILL')
      else redis.restart()
      await ended
      if (await settle(here, id)) {
        expect(await restoredByMany(here, id)).toEqual(model)
        made += 1
      } else none += 1
    }
    return { made, none }
  } finally {
    await here.close()
  }
}

/** Whether there is a backup in the end. A plan that its coordinator never queued is given up. */
async function settle(here: Scene, id: string): Promise<boolean> {
  const { state } = await here.queue.progress(id)
  if (state === 'unknown') {
    await abortBackup({ driver: here.driver, id }).catch((error: unknown) => {
      if (!isBackupError(error, 'not_found')) throw error
    })
    const { backups } = await openCatalog(here.driver).list()
    return backups.some((entry) => entry.id === id)
  }
  await here.queue.finished(id)
  expect(await shardStatus({ driver: here.driver, id })).toEqual({ id, state: 'committed' })
  return true
}
