import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { finishRestore, openRestore, type Row } from '@s3db-backup/core'
import { folderTarget, recordsOf } from './processes/folder-target.mjs'
import type { Scene } from './scene.js'

/** The records of a backup as three processes have restored them, one of which was killed at a random moment and run again. */
export async function restoredByMany(here: Scene, id: string): Promise<Row[]> {
  const { driver, encryption } = here
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-restored-'))
  try {
    const target = folderTarget(path, 0)
    const { restore, shards } = await openRestore({ driver, encryption, id, target, shards: 3 })
    const write = async (index: number) => {
      const child = here.restorer(restore, index, path)
      const ended = once(child, 'exit')
      if (child.stdout !== null) await once(child.stdout, 'data')
      return { child, ended }
    }
    const writers = await Promise.all(Array.from({ length: shards }, (_, index) => write(index)))
    const victim = Math.floor(Math.random() * shards)
    await pause(Math.random() * 300)
    writers[victim]?.child.kill('SIGKILL')
    for (const [index, { ended }] of writers.entries()) {
      const [code] = await ended
      if (code !== 0 && index !== victim) throw new Error(`The writer of shard ${index} ended with ${code}`)
    }
    const [code] = await (await write(victim)).ended
    if (code !== 0) throw new Error(`The second writer of shard ${victim} ended with ${code}`)
    await finishRestore({ driver, encryption, restore, target })
    return await recordsOf(path)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
