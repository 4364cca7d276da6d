/** The fields of a record; `null` where there is none. */
export type State = Readonly<Record<string, unknown>> | null

/** A write of a record, from when it began until it ended. Times are in microseconds, of one clock for all processes. */
export interface Write {
  readonly state: State
  readonly began: number
  ended: number
  /** It may have failed, or have taken effect all the same. */
  perhaps: boolean
}

/** All that was written, by whoever did, and what of it can be seen at a time. */
export interface History {
  begin(key: string, state: State, at: number): Write
  /** It had no effect. */
  forget(key: string, write: Write): void
  /** What a reader may see of a record who looks at it once between two times. */
  visible(key: string, from: number, to: number): State[]
  /** Whether anybody wrote it between two times. */
  wasTouched(key: string, from: number, to: number): boolean
  keys(): string[]
  /** Lets go of what nobody can see any more who begins later. */
  settle(before: number): void
}

export function history(): History {
  const records = new Map<string, Write[]>()
  const nothing: Write = { state: null, began: -2, ended: -1, perhaps: false }

  /** A write can be seen unless another one came wholly after it and had ended before. */
  const isVisible = (write: Write, all: readonly Write[], from: number, to: number): boolean =>
    write.began <= to &&
    !all.some((other) => !other.perhaps && other.began > write.ended && other.ended < from)

  return {
    begin(key, state, began) {
      const write: Write = { state, began, ended: Number.POSITIVE_INFINITY, perhaps: false }
      records.set(key, [...(records.get(key) ?? [nothing]), write])
      return write
    },
    forget(key, write) {
      records.set(
        key,
        (records.get(key) ?? []).filter((other) => other !== write),
      )
    },
    visible(key, from, to) {
      const all = records.get(key) ?? [nothing]
      return all.filter((write) => isVisible(write, all, from, to)).map(({ state }) => state)
    },
    wasTouched: (key, from, to) =>
      (records.get(key) ?? []).some(({ began, ended }) => began <= to && ended >= from),
    keys: () => [...records.keys()],
    settle(before) {
      for (const [key, all] of records) {
        const left = all.filter((write) => isVisible(write, all, before, Number.POSITIVE_INFINITY))
        records.set(key, left)
      }
    },
  }
}
