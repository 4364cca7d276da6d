/** What is known of the work at one moment. Times in ms, sizes in bytes. */
export interface Seen {
  readonly resource: string | undefined
  readonly records: number
  readonly bytes: number | undefined
  /** Records a second since the first of them; `undefined` at first. */
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

/** Before this many ms of work a rate says more about the start than about the work. */
const settled = 500

export function tally(started: number): Tally {
  const planned = new Set<string>()
  const steps = new Map<string, Step>()
  let last: Step | undefined

  /** The first look that saw records: listing them took its time, too, and says nothing of the rest. */
  let first: { readonly at: number; readonly records: number; readonly fraction: number } | undefined

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
      const done = fraction()
      if (first === undefined && records > 0) first = { at: now, records, fraction: done ?? 0 }
      const worked = first === undefined ? 0 : now - first.at
      const gained = first === undefined || done === undefined ? 0 : done - first.fraction
      return {
        resource: last?.resource,
        records,
        bytes: last?.bytes,
        rate: worked >= settled ? ((records - (first?.records ?? 0)) * 1000) / worked : undefined,
        fraction: done,
        elapsed: now - started,
        remaining:
          worked >= settled && done !== undefined && gained > 0 ? (worked * (1 - done)) / gained : undefined,
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
