/** A backup that failed. */
export interface Failure {
  readonly type: string
  readonly error: unknown
}

/** The latest failures of this process. What a failed backup leaves at the destination tells less of it. */
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
