import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const program = join(import.meta.dirname, 'programs', 'shard-worker.mjs')

/** So many processes that run shards of a backup, each connected to the database and with nothing to do yet. */
export async function shardWorkers(count, args) {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(args)))
  return {
    /** Has every shard run by whichever worker is free; gives what each came to. */
    async run(id, shards) {
      const results = []
      let next = 0
      const keepBusy = async (worker) => {
        while (next < shards) results.push(await worker.run(id, next++))
      }
      await Promise.all(workers.map(keepBusy))
      return results
    },
    close: () => Promise.all(workers.map((worker) => worker.close())),
  }
}

async function startWorker(args) {
  const child = spawn(process.execPath, [program, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('A worker ended before its work')
    return JSON.parse(value)
  }
  await answer()
  return {
    run(id, index) {
      child.stdin.write(`${id} ${index}\n`)
      return answer()
    },
    async close() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
