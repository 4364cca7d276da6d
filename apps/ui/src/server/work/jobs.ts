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
  /** Only one of two jobs with the same lock runs at a time. `busy` says so, in a sentence. */
  readonly lock?: { readonly key: string; readonly busy: string } | undefined
  readonly work: (tell: Telling) => Promise<NonNullable<Job['report']>>
  /** What the work had done when it failed or was stopped, if there is something to say. */
  readonly doneBefore?: ((error: unknown) => Job['report']) | undefined
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
  /** Stops all, waits until they have ended, and starts no more. Gives those that were cut off. */
  close(): Promise<readonly Job[]>
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

/** `onCrash` is called with defects of this program: a job shows no details of them. */
export function jobs(onCrash?: ((error: unknown) => void) | undefined): Jobs {
  let closed = false
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

  const begin = ({ lock, work, doneBefore, ...about }: NewJob): Job => {
    if (closed) throw closing()
    if (lock !== undefined && [...running.values()].some((one) => one.lock === lock.key))
      throw taken(lock.busy)
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
    const ended = outcome({ work, doneBefore, tell, onCrash }).then((change) => {
      running.delete(id)
      set(id, { ...change, endedAt: new Date().toISOString(), phase: null })
      forget()
    })
    running.set(id, { controller, lock: lock?.key, ended })
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
      closed = true
      const open = [...running]
      for (const [, { controller }] of open) controller.abort(new DOMException('Stopped', 'AbortError'))
      await Promise.all(open.map(([, { ended }]) => ended))
      return open.flatMap(([id]) => known.get(id) ?? []).filter(({ state }) => state !== 'done')
    },
  }
}

/** How work ends. What is thrown by something else than the stop itself is told even if it was stopped. */
async function outcome({
  work,
  doneBefore,
  tell,
  onCrash,
}: Pick<NewJob, 'work' | 'doneBefore'> & {
  readonly tell: Telling
  readonly onCrash: ((error: unknown) => void) | undefined
}): Promise<Pick<Job, 'state'> & Partial<Pick<Job, 'report' | 'error'>>> {
  try {
    return { state: 'done', report: await work(tell) }
  } catch (error) {
    const { aborted, reason } = tell.signal
    const isStop = aborted && (error === reason || (error instanceof Error && error.name === 'AbortError'))
    const problem = isStop ? null : problemOf(error)
    if (problem?.code === 'internal') onCrash?.(error)
    return { state: aborted ? 'stopped' : 'failed', report: doneBefore?.(error) ?? null, error: problem }
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

function taken(busy: string): BackupError {
  return new BackupError('conflict', busy, {
    operation: 'restore',
    suggestion: 'See Activity; start again when it has ended.',
  })
}

function closing(): BackupError {
  return new BackupError('unavailable', 'The page is being closed, and starts nothing more', {
    operation: 'status',
    suggestion: 'Start the command again, and use its new link.',
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
