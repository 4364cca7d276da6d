/** The known state of the work at one moment. Times in ms, sizes in bytes. */
export interface Seen {
  readonly resource: string | undefined
  readonly records: number
  readonly bytes: number | undefined
  /** Records a second of late; `undefined` at first. */
  readonly rate: number | undefined
  /** From 0 to 0.99, if it can be estimated. It never decreases; the work after reading everything takes time, too. */
  readonly fraction: number | undefined
  readonly elapsed: number
  /** The remaining time, if it can be estimated. */
  readonly remaining: number | undefined
}

export interface Step {
  readonly resource: string
  readonly records: number
  readonly expected?: number | undefined
  /** How many of the records count; the others are skipped. Default: all. */
  readonly counted?: number | undefined
  readonly bytes?: number | undefined
}

/** Adds up the progress of several resources, which may be worked on side by side. */
export interface Tally {
  begin(resources: readonly string[]): void
  /** Each step has the totals of its resource so far. */
  add(step: Step): void
  /** A resource is done, and this many of its records count. */
  settle(done: { readonly resource: string; readonly counted: number }): void
  look(now: number): Seen
  /** Whether every resource was read to its end. */
  isRead(): boolean
}

/** Before this many ms of work a rate says more about the start than about the work. */
const settled = 500
/** How far back the rate is looked at, and how far apart the looks are, in ms. */
const recently = 15_000
const apart = 200
/** All that is shown before the end. */
const almost = 0.99

export function tally(started: number): Tally {
  const planned = new Set<string>()
  const steps = new Map<string, Step>()
  let last: Step | undefined

  /** Looks of late that saw records: listing them took its time, too, and says nothing of the rest. */
  const looks: { readonly at: number; readonly records: number; readonly fraction: number }[] = []
  let most: number | undefined

  const done = (): number | undefined => {
    const known = [...planned].map((name) => steps.get(name))
    const all = known.reduce((sum, step) => sum + (step?.expected ?? 0), 0)
    // By records, once the number of records of every resource is known.
    if (all > 0 && known.every((step) => step?.expected !== undefined))
      return known.reduce((sum, step) => sum + Math.min(step?.records ?? 0, step?.expected ?? 0), 0) / all
    const shares = known.map(share)
    if (shares.length === 0 || shares.includes(undefined)) return undefined
    return shares.reduce<number>((sum, one) => sum + (one ?? 0), 0) / shares.length
  }

  const fraction = (): number | undefined => {
    const now = done()
    if (now === undefined) return undefined
    most = Math.max(most ?? 0, Math.min(almost, now))
    return most
  }

  /** The oldest look that still says something of how fast the work is now. */
  const look = (now: number, records: number, reached: number) => {
    while (looks.length > 1 && now - (looks[1]?.at ?? now) >= recently) looks.shift()
    const last = looks.at(-1)
    if (records > 0 && (last === undefined || now - last.at >= apart))
      looks.push({ at: now, records, fraction: reached })
    return looks[0]
  }

  return {
    begin(resources) {
      for (const name of resources) planned.add(name)
    },
    add(step) {
      steps.set(step.resource, step)
      // The internal resources have names that nobody knows, so they are not shown.
      if (planned.has(step.resource)) last = step
    },
    settle({ resource, counted }) {
      const step = steps.get(resource)
      if (step !== undefined) steps.set(resource, { ...step, counted })
    },
    look(now) {
      const records = [...planned].reduce((sum, name) => sum + countedIn(steps.get(name)), 0)
      const done = fraction()
      const first = look(now, records, done ?? 0)
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
    isRead: () => planned.size > 0 && [...planned].every((name) => share(steps.get(name)) === 1),
  }
}

function countedIn({ counted, records }: Pick<Step, 'counted' | 'records'> = { records: 0 }): number {
  return counted ?? records
}

/** How much of one resource is done; nothing of one that has not begun; unknown if its size is. */
function share(step: Step | undefined): number | undefined {
  if (step === undefined) return 0
  if (step.expected === undefined) return undefined
  return step.expected === 0 ? 1 : Math.min(1, step.records / step.expected)
}
