import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { BackupError } from '@s3db-backup/core'
import type { Job } from '../../api/work.js'
import { problemOf } from '../answer.js'

/** How work reports on itself while it runs. */
export interface Telling {
  readonly signal: AbortSignal
  phase(text: string): void
  progress(name: string, done: number, of?: number | undefined): void
}

export interface NewJob extends Pick<Job, 'kind' | 'title' | 'backup' | 'by'> {
  /** Only one of two jobs with the same lock runs at a time. */
  readonly lock?: string | undefined
  readonly work: (tell: Telling) => Promise<NonNullable<Job['report']>>
}

/** Work that continues without a viewer: a page can be left, and the job is found again. */
export interface Jobs {
  /** @throws BackupError `conflict` if a job with that lock is running, or too many are. */
  start(job: NewJob): Job
  get(id: string): Job | undefined
  /** The newest first. */
  list(): readonly Job[]
  stop(id: string): boolean
  /** Marks a dry run as used by the job that `start` makes. Only the first one gets so far. */
  useOnce(id: string, start: () => Job): Job
  /** Tells of each change of a job until `signal` aborts or the job ends. */
  watch(id: string, signal: AbortSignal): AsyncGenerator<Job>
  /** Stops all, and waits until they have ended. */
  close(): Promise<void>
}

const mostKept = 50
const mostRunning = 4
/** Of a job's files or resources: the latest. A backup may have any number of them, and a viewer gets all at each change. */
const mostProgress = 20

interface Running {
  readonly controller: AbortController
  readonly lock: string | undefined
  readonly ended: Promise<void>
}

export function jobs(): Jobs {
  const known = new Map<string, Job>()
  const running = new Map<string, Running>()
  const changes = new EventEmitter()
  changes.setMaxListeners(0)

  const set = (id: string, change: Partial<Job>) => {
    const before = known.get(id)
    if (before === undefined) return
    known.set(id, { ...before, ...change })
    changes.emit(id)
  }

  const begin = ({ lock, work, ...about }: NewJob): Job => {
    if (lock !== undefined && [...running.values()].some((one) => one.lock === lock)) throw taken()
    if (running.size >= mostRunning) throw tooMany()
    const id = randomBytes(9).toString('base64url')
    const controller = new AbortController()
    const job: Job = {
      ...about,
      id,
      state: 'running',
      startedAt: new Date().toISOString(),
      endedAt: null,
      phase: null,
      progress: [],
      report: null,
      error: null,
      startedJob: null,
    }
    known.set(id, job)
    const tell: Telling = {
      signal: controller.signal,
      phase: (phase) => set(id, { phase }),
      progress(name, done, of) {
        const rest = (known.get(id)?.progress ?? []).filter((one) => one.name !== name)
        set(id, { progress: [...rest, { name, done, of: of ?? null }].slice(-mostProgress) })
      },
    }
    const ended = run(work, tell).then((change) => {
      running.delete(id)
      set(id, { ...change, endedAt: new Date().toISOString(), phase: null })
      forget()
    })
    running.set(id, { controller, lock, ended })
    return job
  }

  const forget = () => {
    const over = [...known.values()].filter(({ state }) => state !== 'running')
    for (const { id } of over.slice(0, Math.max(0, known.size - mostKept))) known.delete(id)
  }

  return {
    start: begin,
    get: (id) => known.get(id),
    list: () => [...known.values()].reverse(),
    stop(id) {
      running.get(id)?.controller.abort(new DOMException('Stopped', 'AbortError'))
      return running.has(id)
    },
    useOnce(id, start) {
      const used = known.get(id)
      if (used !== undefined && used.startedJob !== null) throw usedUp()
      const job = start()
      set(id, { startedJob: job.id })
      return job
    },
    async *watch(id, signal) {
      let last: Job | undefined
      for (;;) {
        const now = known.get(id)
        if (now === undefined || signal.aborted) return
        if (now !== last) yield now
        last = now
        if (now.state !== 'running') return
        if (known.get(id) === now) await changed(changes, id, signal)
      }
    },
    async close() {
      for (const { controller } of running.values())
        controller.abort(new DOMException('Stopped', 'AbortError'))
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

async function run(
  work: NewJob['work'],
  tell: Telling,
): Promise<Pick<Job, 'state'> & Partial<Pick<Job, 'report' | 'error'>>> {
  try {
    return { state: 'done', report: await work(tell) }
  } catch (error) {
    return tell.signal.aborted ? { state: 'stopped' } : { state: 'failed', error: problemOf(error) }
  }
}

/** Waits for the next change, or for the signal. */
function changed(changes: EventEmitter, id: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      changes.off(id, done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    changes.on(id, done)
    signal.addEventListener('abort', done)
  })
}

function taken(): BackupError {
  return new BackupError('conflict', 'A restore into this database is running already', {
    operation: 'restore',
    suggestion: 'See Activity; start again when it has ended.',
  })
}

function usedUp(): BackupError {
  return new BackupError('conflict', 'This restore was started already, here or in another tab', {
    operation: 'restore',
    suggestion: 'See Activity. For another one make a new dry run.',
  })
}

function tooMany(): BackupError {
  return new BackupError('conflict', `${mostRunning} jobs are running already`, {
    operation: 'status',
    suggestion: 'Wait until one has ended, or stop one under Activity.',
  })
}
