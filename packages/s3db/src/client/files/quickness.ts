/** A file on a local disk is read in a tenth of the time that a promise about it takes. In ms. */
const slowCall = 0.4

/** One call counts for at most this much, in ms: a process that had to wait for its turn says nothing about a disk. */
const slowest = 2

/** A slow disk is tried again after this many calls: it may have been busy only for a while. */
const callsUntilRetry = 256

/** So many synchronous calls, one after the other, tell whether it still is. */
const triesInARow = 16

/** Whether a disk answers quickly enough to wait for it, from the duration of its synchronous calls. */
export function quickness(now: () => number) {
  let average = 0
  let slowCalls = 0
  return {
    /** Asked before each call. Now and then it lets calls through to a slow disk, to see whether it still is. */
    isSlow(): boolean {
      if (average <= slowCall) return false
      slowCalls = (slowCalls + 1) % callsUntilRetry
      return slowCalls >= triesInARow
    },
    timed<T>(work: () => T): T {
      const began = now()
      try {
        return work()
      } finally {
        average += (Math.min(now() - began, slowest) - average) / 32
      }
    },
  }
}
