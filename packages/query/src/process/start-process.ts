import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import { watchMemory } from './memory-watch.js'
import type { Request } from './messages.js'
import { queryFailed, tooLong, tooMuchMemory } from './query-errors.js'
import { type Reply, type ReplyOf, replySchema } from './replies.js'

/** What a process of a query may use. */
export interface ProcessLimits {
  /** Bytes for DuckDB. */
  readonly memory: number
  /** Milliseconds of work. Waiting for whoever takes the rows does not count. */
  readonly timeout: number
}

export interface ProcessOptions extends ProcessLimits {
  /** The private folder, where it starts. */
  readonly folder: string
  readonly signal: AbortSignal
}

/** A process that runs one query. */
export interface QueryProcess {
  /** Asks and waits for the answer. Rejects with why it failed; on abort with `signal.reason`, the process killed. */
  ask<Type extends Reply['type']>(request: Request, answer: Type): Promise<ReplyOf<Type>>
  /** Kills it. Resolves once it is gone. */
  kill(): Promise<void>
}

/** Beyond DuckDB's own memory: Node, DuckDB's program and rows on their way. */
const overhead = 512 * 2 ** 20

/** Nothing of this process's environment, where credentials may be, goes with it. */
function environment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env
  return { TZ: 'UTC', ...(SystemRoot === undefined ? {} : { SystemRoot }) }
}

/** Starts a process; it is killed when the signal aborts and at its limits. */
export function startProcess({ folder, memory, timeout, signal }: ProcessOptions): QueryProcess {
  signal.throwIfAborted()
  const child = fork(program(), [], {
    cwd: folder,
    env: environment(),
    execArgv: ['--max-old-space-size=384', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  })
  const { ended, end, isEnded } = endOf(child)
  const replies = repliesOf(child, end)
  const onAbort = () => end(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const watch =
    child.pid === undefined
      ? undefined
      : watchMemory(child.pid, memory * 1.25 + overhead, () => end(tooMuchMemory(memory)))
  let left = timeout
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => child.pid === undefined && resolve())
  })

  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const started = performance.now()
    const timer = setTimeout(() => end(tooLong(timeout)), left)
    try {
      return await Promise.race([work, ended])
    } finally {
      clearTimeout(timer)
      left = Math.max(1, left - (performance.now() - started))
    }
  }
  const ready = timed(replies.next())
  // Whoever asks is told.
  ready.catch(() => undefined)

  return {
    async ask(request, answer) {
      await ready
      const next = replies.next()
      if (!isEnded()) child.send(request, (error) => error !== null && end(died(error)))
      const reply = await timed(next)
      if (reply.type === 'failed') throw queryFailed(reply)
      if (!isReply(reply, answer))
        throw new BackupError('internal', `The query's process answered ${reply.type}, not ${answer}`)
      return reply
    },
    async kill() {
      signal.removeEventListener('abort', onAbort)
      watch?.stop()
      end(new BackupError('internal', 'The query was ended'))
      await exited
    },
  }
}

function isReply<Type extends Reply['type']>(reply: Reply, type: Type): reply is ReplyOf<Type> {
  return reply.type === type
}

/** The end of a process, wanted or not: the first reason counts. */
function endOf(child: ChildProcess) {
  let isEnded = false
  let end: (reason: unknown) => void = () => undefined
  const ended = new Promise<never>((_, reject) => {
    end = (reason) => {
      isEnded = true
      reject(reason)
      child.kill('SIGKILL')
    }
  })
  ended.catch(() => undefined)
  return { ended, end, isEnded: () => isEnded }
}

/** The answers in their order. */
function repliesOf(child: ChildProcess, end: (reason: unknown) => void) {
  const waiting: ((reply: Reply) => void)[] = []
  let lastWords = ''
  child.stderr?.on('data', (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-2000)
  })
  child.on('message', (message) => {
    const parsed = replySchema.safeParse(message)
    if (parsed.success) waiting.shift()?.(parsed.data)
    else
      end(
        new BackupError('internal', 'The process of a query said what is no answer', { cause: parsed.error }),
      )
  })
  child.once('error', (error) => end(died(error)))
  child.once('exit', (code, signal) =>
    end(died(new Error(lastWords.trim() || `It ended with ${code ?? signal}`))),
  )
  return {
    next: () =>
      new Promise<Reply>((resolve) => {
        waiting.push(resolve)
      }),
  }
}

function died(cause: Error): BackupError {
  return new BackupError('internal', `The process of a query died: ${cause.message}`, {
    operation: 'download',
    suggestion: 'If the query needs much memory, give it more (memoryLimit).',
    cause,
  })
}

/** Beside the built file; in the source one folder up, as TypeScript. */
function program(): string {
  const place = import.meta.url.endsWith('.ts') ? '../query-process.ts' : './query-process.js'
  return fileURLToPath(new URL(place, import.meta.url))
}
