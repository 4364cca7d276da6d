import { BackupError } from '@s3db-backup/core'

/** The operations under way: what `stop()` and a disconnecting database have to end. */
export interface Running {
  /** Does the work with a signal that also aborts when everything is ended. */
  during<T>(
    id: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>
  /** Aborts everything and waits until it has settled. Returns the ids. */
  end(reason: BackupError): Promise<string[]>
  readonly ids: ReadonlySet<string>
}

export function running(): Running {
  const operations = new Map<symbol, { id: string; controller: AbortController; settled: Promise<unknown> }>()
  const ids = new Set<string>()
  return {
    ids,
    async during(id, signal, work) {
      const key = Symbol(id)
      const controller = new AbortController()
      const combined = signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal])
      const settled = Promise.resolve().then(() => work(combined))
      operations.set(key, { id, controller, settled })
      ids.add(id)
      try {
        return await settled
      } finally {
        operations.delete(key)
        ids.delete(id)
      }
    },
    async end(reason) {
      const ending = [...operations.values()]
      for (const { controller } of ending) controller.abort(reason)
      await Promise.allSettled(ending.map(({ settled }) => settled))
      return ending.map(({ id }) => id)
    },
  }
}

export function stopped(why: string): BackupError {
  return new BackupError('unavailable', why, { suggestion: 'Connect again and repeat the call.' })
}
