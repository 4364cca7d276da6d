import { followSignal } from '@s3db-backup/core/internal'
import type { QueueProgress } from '@s3db-backup/shards-bullmq'
import { openPlugin } from '../../access/open-plugin.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { printBackup } from '../../terminal/backups.js'
import { planned, wrong } from './actions.js'
import { loadQueue } from './load-queue.js'
import type { ShardOptions } from './shard-options.js'

/** `s3db-backup shard queue`: plans a backup, or takes one that is planned, and has the workers of a queue make it. */
export async function queue(
  session: Session,
  given: string | undefined,
  options: ShardOptions,
): Promise<void> {
  const { terminal } = session
  const { shardQueue, queue, refused } = await loadQueue(options, terminal)
  const signal = followSignal(session.signal, refused)
  const settings = await readSettings(options, terminal)
  const plugin = openPlugin(settings)
  const waiting = shardQueue(queue)
  try {
    const { id, shards } = given === undefined ? await planned(session, options) : await known(given)
    await waiting.add(id, shards, { signal })
    const onProgress = (progress: QueueProgress) => terminal.live.show(inOneLine(id, progress))
    await waiting.finished(id, { signal, onProgress })
    terminal.live.clear()
    const { manifest: _, ...made } = await plugin.describe(id, { signal })
    printBackup(terminal, made)
  } finally {
    terminal.live.clear()
    await waiting.close()
  }

  async function known(id: string) {
    const { shards } = await plugin.shards.status(id, { signal })
    if (shards === undefined) throw wrong(`Backup '${id}' is committed already`, 'There is nothing to do.')
    return { id, shards }
  }
}

/** All workers in one line. */
function inOneLine(id: string, { state, shards, done }: QueueProgress): string {
  return state === 'committing' ? `${id}: committing ${shards} shards` : `${id}: ${done} of ${shards} shards`
}
