import { mkdir, rm } from 'node:fs/promises'
import { BackupError } from '@s3db-backup/core'
import { onPrivateFile } from '../staging/private-file.js'
import { forkProcess } from './fork-process.js'
import { watchMemory } from './memory-watch.js'
import type { Request } from './messages.js'
import { queryFailed, tooLong, tooMuchMemory } from './query-errors.js'
import type { Reply, ReplyOf } from './replies.js'

/** The resources that the queries of a process may use. */
export interface ProcessLimits {
  /** Bytes for DuckDB. */
  readonly memory: number
  /** Milliseconds of work for each query. Waiting for the reader of the rows does not count. */
  readonly timeout: number
}

export interface ProcessOptions extends ProcessLimits {
  /** The private folder, where it starts. */
  readonly folder: string
  /** A folder of its own, for what does not fit into memory. It goes with the process. */
  readonly spill: string
}

/** A process that runs queries, one at a time. */
export interface QueryProcess {
  readonly spill: string
  /** Begins a query: its time is counted from now on, and an abort kills the process. */
  begin(signal: AbortSignal): void
  /** Asks and waits for the answer. Rejects with why it failed; on abort with `signal.reason`. */
  ask<Type extends Reply['type']>(request: Request, answer: Type): Promise<ReplyOf<Type>>
  /** Ends a query that is done. The process can begin another; this one does not wait for it. */
  rest(): void
  isEnded(): boolean
  /** Kills it. Resolves once it is gone, and what it spilt. */
  kill(): Promise<void>
}

/** Beyond DuckDB's own memory: Node, DuckDB's program and rows on their way. */
const overhead = 512 * 2 ** 20

/** Starts a process that is killed at its limits. */
export async function startProcess({
  folder,
  spill,
  memory,
  timeout,
}: ProcessOptions): Promise<QueryProcess> {
  await onPrivateFile(spill, () => mkdir(spill, { mode: 0o700 }))
  const forked = forkProcess(folder)
  const limit = memory * 1.25 + overhead
  const watch = watchMemory(forked.pid, limit, () => forked.end(tooMuchMemory(memory)))
  let left = timeout
  let forget: () => void = () => undefined

  const timed = async (): Promise<Reply> => {
    const started = performance.now()
    const timer = setTimeout(() => forked.end(tooLong(timeout)), left)
    try {
      return await forked.next()
    } finally {
      clearTimeout(timer)
      left = Math.max(1, left - (performance.now() - started))
    }
  }
  const ready = timed()
  // The first request reports the failure.
  ready.catch(() => undefined)

  return {
    spill,
    begin(signal) {
      forked.hold(true)
      left = timeout
      const onAbort = () => forked.end(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      forget = () => signal.removeEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
    },
    async ask(request, answer) {
      await ready
      const answered = timed()
      forked.send(request)
      const reply = await answered
      if (reply.type === 'failed') throw queryFailed(reply)
      if (isReply(reply, answer)) return reply
      throw new BackupError('internal', `The process of a query answered ${reply.type}, not ${answer}`)
    },
    rest() {
      forget()
      forked.hold(false)
    },
    isEnded: forked.isEnded,
    async kill() {
      forget()
      watch.stop()
      forked.hold(true)
      forked.end(new BackupError('internal', 'The query was stopped'))
      await forked.gone
      await rm(spill, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function isReply<Type extends Reply['type']>(reply: Reply, type: Type): reply is ReplyOf<Type> {
  return reply.type === type
}
