// A process that works on backups, one storage step at a time. Before each step it tells its parent and waits for
// permission. It takes one job after the other: `{ work, path, ... }`.
import { backup, prune, restore } from '@s3db-backup/core'
import { contentHash, purge, undelete } from '@s3db-backup/core/internal'
import { filesystem } from '@s3db-backup/driver-filesystem'

const waiting = new Map()
let steps = 0

function turn(what) {
  return new Promise((resolve) => {
    const step = ++steps
    waiting.set(step, resolve)
    process.send({ step, what })
  })
}

function stepped(driver) {
  return {
    ...driver,
    async put(key, body, call) {
      await turn(`put ${key}`)
      return driver.put(key, body, call)
    },
    async *get(key, call) {
      await turn(`get ${key}`)
      yield* driver.get(key, call)
    },
    async *list(prefix, call) {
      await turn(`list ${prefix}`)
      yield* driver.list(prefix, call)
    },
    async delete(key, call) {
      await turn(`delete ${key}`)
      await driver.delete(key, call)
    },
  }
}

/** A database of the given records, all of which are new since any earlier backup. */
function sourceOf(rows) {
  return {
    incremental: true,
    describe: async () => ({
      database: {},
      resources: [{ name: 'users', attributes: { name: 'string' }, partitions: {}, timestamps: false }],
    }),
    async *read(_resource, { since }) {
      const before = new Map()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const changed = rows.filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row)))
      yield { rows: changed, replaced: changed.flatMap(({ id }) => before.get(id) ?? []), deleted: [] }
    },
  }
}

const works = {
  async backup(driver, { rows }) {
    const incremental = { fullIfNeeded: true }
    const { id } = await backup({ source: sourceOf(rows), driver, type: 'incremental', incremental })
    return id
  },
  async prune(driver, { ids, deletionGrace }) {
    const plan = (there) => {
      const kept = there.some(({ id, manifest }) => !ids.includes(id) && ids.includes(manifest.parent))
      const remove = kept ? [] : there.filter(({ id }) => ids.includes(id))
      return { keep: [], remove: remove.map(({ id }) => ({ id, reasons: [] })) }
    }
    return (await prune({ driver, plan, deletionGrace })).removed.map(({ id }) => id)
  },
  async restore(driver, { id }) {
    const rows = []
    const target = {
      open: async () => undefined,
      async write(_resource, batches) {
        for await (const batch of batches) rows.push(...batch.rows)
        return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
      },
    }
    await restore({ driver, id, target })
    return rows
  },
  async undelete(driver, { id }) {
    return (await undelete({ driver, id })).undeleted
  },
  async purge(driver) {
    return (await purge({ driver })).purged.map(({ id }) => id)
  },
}

process.on('disconnect', () => process.exit())
process.on('message', async ({ go, work, path, ...job }) => {
  if (go !== undefined) {
    waiting.get(go)?.()
    waiting.delete(go)
    return
  }
  try {
    process.send({ done: await works[work](stepped(filesystem({ path })), job) })
  } catch (error) {
    process.send({ failed: error.code ?? String(error) })
  }
})
process.send({ ready: true })
