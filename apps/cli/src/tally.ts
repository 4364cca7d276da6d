/** What is known of the work at one moment. Times in ms, sizes in bytes. */
export interface Seen {
  readonly resource: string | undefined
  readonly records: number
  readonly bytes: number | undefined
  /** Records a second since the work began; `undefined` at first. */
  readonly rate: number | undefined
  /** From 0 to 1, if it can be told. */
  readonly fraction: number | undefined
  readonly elapsed: number
  /** Until it is done, if it can be told. */
  readonly remaining: number | undefined
}

export interface Step {
  readonly resource: string
  readonly records: number
  readonly expected?: number | undefined
  readonly bytes?: number | undefined
}

/** Adds up the progress of several resources, which may be worked on side by side. */
export interface Tally {
  begin(resources: readonly string[]): void
  /** Each step has the totals of its resource so far. */
  add(step: Step): void
  look(now: number): Seen
}

/** Before this many ms a rate says more about the start than about the work. */
const settled = 500

export function tally(started: number): Tally {
  const planned = new Set<string>()
  const steps = new Map<string, Step>()
  let last: Step | undefined

  const fraction = (): number | undefined => {
    const shares = [...planned].map((name) => share(steps.get(name)))
    if (shares.length === 0 || shares.includes(undefined)) return undefined
    return shares.reduce<number>((sum, one) => sum + (one ?? 0), 0) / shares.length
  }

  return {
    begin(resources) {
      for (const name of resources) planned.add(name)
    },
    add(step) {
      steps.set(step.resource, step)
      // What is kept beside the resources is no name that anybody knows.
      if (planned.has(step.resource)) last = step
    },
    look(now) {
      const records = [...planned].reduce((sum, name) => sum + (steps.get(name)?.records ?? 0), 0)
      const elapsed = now - started
      const done = fraction()
      const known = elapsed >= settled && records > 0
      return {
        resource: last?.resource,
        records,
        bytes: last?.bytes,
        rate: known ? (records * 1000) / elapsed : undefined,
        fraction: done,
        elapsed,
        remaining: known && done !== undefined && done > 0 ? (elapsed * (1 - done)) / done : undefined,
      }
    },
  }
}

/** How much of one resource is done; nothing of one that has not begun; unknown if its size is. */
function share(step: Step | undefined): number | undefined {
  if (step === undefined) return 0
  if (step.expected === undefined) return undefined
  return step.expected === 0 ? 1 : Math.min(1, step.records / step.expected)
}
