import { join } from 'node:path'
import { type ProcessLimits, type QueryProcess, startProcess } from './process/start-process.js'

/** A process, and how many tables it has open; nothing where it may write a file, or has opened none. */
export interface Worker {
  readonly process: QueryProcess
  opened: number | undefined
}

/** So long a process without a query is kept, in ms. */
const longestRest = 60_000

let started = 0

/**
 * The processes of one backup's queries. Starting one takes longer than most queries, so one that has done its query is
 * kept for the next.
 */
export function processPool(folder: string, limits: ProcessLimits) {
  const living = new Set<Worker>()
  let resting: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined

  async function kill(worker: Worker): Promise<void> {
    await worker.process.kill()
    living.delete(worker)
  }

  function takeResting(): Worker | undefined {
    if (resting === undefined) return undefined
    const { worker, timer } = resting
    clearTimeout(timer)
    resting = undefined
    return worker
  }

  return {
    /** A process that begins a query. */
    async take(signal: AbortSignal): Promise<Worker> {
      signal.throwIfAborted()
      const rested = takeResting()
      if (rested?.process.isEnded() === true) await kill(rested)
      const worker =
        rested?.process.isEnded() === false
          ? rested
          : {
              process: await startProcess({ folder, spill: join(folder, `spill-${++started}`), ...limits }),
              opened: undefined,
            }
      living.add(worker)
      worker.process.begin(signal)
      return worker
    },
    /** Takes back a process whose query is done. */
    async release(worker: Worker): Promise<void> {
      if (resting !== undefined || worker.opened === undefined || worker.process.isEnded())
        return kill(worker)
      worker.process.rest()
      const timer = setTimeout(() => {
        takeResting()
        // Nobody waits for this. What it could not remove, `close` removes, or tells of.
        kill(worker).catch(() => undefined)
      }, longestRest)
      timer.unref()
      resting = { worker, timer }
    },
    kill,
    async close(): Promise<void> {
      takeResting()
      await Promise.all([...living].map(kill))
    },
  }
}

export type ProcessPool = ReturnType<typeof processPool>
