import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { BackupError } from '@s3db-backup/core'
import type { Request } from './messages.js'
import { type Reply, replySchema } from './replies.js'

/** A process that answers one request after the other. */
export interface ForkedProcess {
  readonly pid: number | undefined
  /** The next answer. Rejects once the process ended, with the reason. */
  next(): Promise<Reply>
  send(request: Request): void
  /** Kills it. The first of several reasons counts. */
  end(reason: unknown): void
  isEnded(): boolean
  /** Resolves once it is gone. */
  readonly gone: Promise<void>
  /** Whether it keeps this process running. */
  hold(held: boolean): void
}

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (reason: unknown) => void
}

/** Starts the program of queries with Node's own file, in a folder, with nothing of this process's environment. */
export function forkProcess(folder: string): ForkedProcess {
  const child = fork(program(), [], {
    cwd: folder,
    env: environment(),
    execArgv: ['--max-old-space-size=384', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  })
  let waiting: Waiting[] = []
  let ended: { readonly reason: unknown } | undefined
  let lastWords = ''

  const end = (reason: unknown) => {
    ended ??= { reason }
    for (const { reject } of waiting) reject(ended.reason)
    waiting = []
    child.kill('SIGKILL')
  }
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => child.pid === undefined && resolve())
  })
  child.stderr?.on('data', (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-2000)
  })
  child.on('message', (message) => {
    const parsed = replySchema.safeParse(message)
    if (parsed.success) waiting.shift()?.resolve(parsed.data)
    else end(new BackupError('internal', 'The query process gave no valid answer', { cause: parsed.error }))
  })
  child.once('error', (error) => end(died(error)))
  child.once('close', (code, signal) =>
    end(died(new Error(lastWords.trim() || `it ended with ${code ?? signal}`))),
  )

  return {
    pid: child.pid,
    next: () =>
      new Promise((resolve, reject) => {
        if (ended === undefined) waiting.push({ resolve, reject })
        else reject(ended.reason)
      }),
    send(request) {
      if (ended === undefined) child.send(request, (error) => error !== null && end(died(error)))
    },
    end,
    isEnded: () => ended !== undefined,
    gone,
    hold(held) {
      const handles = [child, child.channel, child.stderr]
      for (const handle of handles) {
        if (handle === null || handle === undefined) continue
        const change = Reflect.get(handle, held ? 'ref' : 'unref')
        if (typeof change === 'function') change.call(handle)
      }
    },
  }
}

function died(cause: Error): BackupError {
  return new BackupError('internal', `The query process died: ${cause.message}`, {
    operation: 'download',
    suggestion: 'If the query needs much memory, give it more (memoryLimit).',
    cause,
  })
}

/** Nothing of this process's environment, where credentials may be, goes with it. */
function environment(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env
  return { TZ: 'UTC', ...(SystemRoot === undefined ? {} : { SystemRoot }) }
}

/** Beside the built file; in the source one folder up, as TypeScript. */
function program(): string {
  const place = import.meta.url.endsWith('.ts') ? '../query-process.ts' : './query-process.js'
  return fileURLToPath(new URL(place, import.meta.url))
}
