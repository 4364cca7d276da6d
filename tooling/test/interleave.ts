import { setTimeout as pause } from 'node:timers/promises'
import { BackupError, type Driver, isBackupError } from '@s3db-backup/core'
import fc from 'fast-check'

/** Who takes the next steps, and how many. */
export interface Turn {
  readonly who: number
  readonly steps: number
}

/** Random orders of turns, each of one of so many processes and of at most so many steps. */
export function turnsOf({ processes, longest }: { processes: number; longest: number }) {
  const steps = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: longest }))
  return fc.array(fc.record({ who: fc.nat({ max: processes - 1 }), steps }), { minLength: 3, maxLength: 14 })
}

/** What became of one of the processes: nothing went wrong, or the code of the error. */
export type Outcome = 'done' | string

/**
 * Runs several processes over one store, one storage step at a time, in the order of the turns, which begin
 * anew when they end. A process that does not come to its next step at once (it waits, or computes) is passed by.
 */
export async function interleave(
  objects: Map<string, Uint8Array>,
  processes: readonly ((driver: Driver) => Promise<unknown>)[],
  turns: readonly Turn[],
): Promise<Outcome[]> {
  // A process may have several calls in flight at once.
  const waiting = processes.map((): (() => void)[] => [])
  let arrived: () => void = () => undefined
  const somebody = () =>
    new Promise<void>((resolve) => {
      arrived = resolve
    })
  const running = new Set(processes.keys())
  const outcomes = processes.map(async (process, who): Promise<Outcome> => {
    const turn = () =>
      new Promise<void>((resolve) => {
        waiting[who]?.push(resolve)
        arrived()
      })
    try {
      await process(steppedDriver(objects, turn))
      return 'done'
    } catch (error) {
      if (!isBackupError(error)) throw error
      return error.code
    } finally {
      running.delete(who)
      arrived()
    }
  })
  const ended = Promise.allSettled(outcomes)
  for (let turn = 0; running.size > 0; turn++) {
    const { who: wanted, steps } = turns[turn % turns.length] ?? { who: 0, steps: 1 }
    const who = running.has(wanted) ? wanted : Math.min(...running)
    for (let step = 0; step < steps && running.has(who); step++) {
      // Time to reach the next step, unless the process waits for something else.
      for (let tries = 0; tries < 20 && waiting[who]?.length === 0; tries++) await oneRound()
      const queue = [waiting[who], ...waiting].find((calls) => calls !== undefined && calls.length > 0)
      if (queue === undefined) await Promise.race([somebody(), pause(2)])
      queue?.shift()?.()
    }
  }
  await ended
  return Promise.all(outcomes)
}

/** One round of the event loop. */
const oneRound = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A driver over the store, each of whose calls waits for its turn, if there are turns; keys are written once. */
export function steppedDriver(
  objects: Map<string, Uint8Array>,
  turn: () => Promise<void> = async () => undefined,
): Driver {
  return {
    name: 'stepped',
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      const bytes = Buffer.concat(chunks)
      await turn()
      if (objects.has(key)) throw new BackupError('conflict', `${key} exists`)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      await turn()
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', `${key} is not there`)
      yield bytes
    },
    async *list(prefix) {
      await turn()
      const found = [...objects].filter(([key]) => key.startsWith(prefix))
      for (const [key, bytes] of found) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      await turn()
      objects.delete(key)
    },
  }
}
