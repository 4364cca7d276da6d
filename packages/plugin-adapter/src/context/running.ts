import { BackupError } from '@s3db-backup/core'

/** The operations under way: what `stop()` and a disconnecting database have to end. */
export interface Running {
  /** Does the work with a signal that also aborts when everything is ended. */
  during<T>(
    id: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>
  /** Aborts everything and waits until it has settled. */
  end(reason: BackupError): Promise<void>
  /** Waits until everything that is under way now has settled. */
  finish(): Promise<void>
  readonly ids: Set<string>
}

export function running(): Running {
  const operations = new Map<symbol, { controller: AbortController; settled: Promise<unknown> }>()
  const ids = new Set<string>()
  const finish = async () => {
    await Promise.allSettled([...operations.values()].map(({ settled }) => settled))
  }
  return {
    ids,
    finish,
    async during(id, signal, work) {
      const key = Symbol(id)
      const controller = new AbortController()
      const combined = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal])
      const settled = Promise.resolve().then(() => work(combined))
      operations.set(key, { controller, settled })
      ids.add(id)
      try {
        return await settled
      } finally {
        operations.delete(key)
        ids.delete(id)
      }
    },
    async end(reason) {
      for (const { controller } of operations.values()) controller.abort(reason)
      await finish()
    },
  }
}

export function stopped(why: string): BackupError {
  return new BackupError('unavailable', why, { suggestion: 'Connect again and repeat the call.' })
}

/** A backup that failed. */
export interface Failure {
  readonly type: string
  readonly error: unknown
}

/** The latest failures of this process, with more detail than the notes at the destination. */
export interface Failures {
  note(id: string, type: string, error: unknown): void
  get(id: string): Failure | undefined
}

/** How many failures are remembered. */
const most = 100

export function failures(): Failures {
  const known = new Map<string, Failure>()
  return {
    note(id, type, error) {
      known.set(id, { type, error })
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
    get: (id) => known.get(id),
  }
}
