/**
 * Passes the items on until the signal aborts; then throws `signal.reason` at once, even while the next item
 * is still being waited for. A pending `next()` would otherwise hide the abort.
 *
 * A reader that stops early makes the source finish, and waits for it; except after an abort, because `return()` on
 * a generator whose `next()` is pending settles only once that `next()` does, which may be never.
 */
export async function* abortable<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  signal.throwIfAborted()
  const iterator = items[Symbol.asyncIterator]()
  let open = true
  try {
    while (true) {
      const step = await untilAborted(() => iterator.next(), signal).catch((error: unknown) => {
        open = signal.aborted
        throw error
      })
      if (step.done === true) {
        open = false
        return
      }
      yield step.value
    }
  } finally {
    if (open) await finish(iterator, signal)
  }
}

/** Settles as the started work does, or rejects with `signal.reason` as soon as the signal aborts. */
export function untilAborted<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return settlingAfterAbort(start, signal, (settle) => settle())
}

/**
 * Settles as the started work does. After an abort the work has `grace` ms to clean up and settle by itself;
 * then the promise rejects with `signal.reason`, whether or not the work ever ends.
 */
export function untilCleanedUp<T>(start: () => Promise<T>, signal: AbortSignal, grace: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const later = (settle: () => void) => {
    timer = setTimeout(settle, grace)
  }
  return settlingAfterAbort(start, signal, later).finally(() => clearTimeout(timer))
}

function settlingAfterAbort<T>(
  start: () => Promise<T>,
  signal: AbortSignal,
  afterAbort: (settle: () => void) => void,
): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  // Not Promise.race: racing every step against one long-lived promise keeps all steps in memory.
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => afterAbort(() => reject(signal.reason))
    const forget = whenAborted(signal, onAbort)
    // Every chunk of every stream passes here, so no unneeded promise is created.
    attempt(start).then(
      (value) => {
        forget()
        resolve(value)
      },
      (error: unknown) => {
        forget()
        reject(error)
      },
    )
  })
}

interface Waiting {
  readonly callbacks: Set<() => void>
  readonly tellAll: () => void
}

const waiting = new WeakMap<AbortSignal, Waiting>()

/**
 * Calls back once the signal aborts. Returns a function that cancels the callback. The signal has one listener for all
 * callbacks: adding a listener takes longer the more there are. Without callbacks it has none, because a listener keeps a
 * signal that depends on others in memory.
 */
function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks, tellAll } = waiting.get(signal) ?? listenTo(signal)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size > 0 || waiting.get(signal)?.callbacks !== callbacks) return
    waiting.delete(signal)
    signal.removeEventListener('abort', tellAll)
  }
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>()
  const tellAll = () => {
    for (const callback of callbacks) callback()
  }
  signal.addEventListener('abort', tellAll, { once: true })
  const made = { callbacks, tellAll }
  waiting.set(signal, made)
  return made
}

/** Turns what the work throws before it returns its promise into a rejection. */
function attempt<T>(start: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(start())
  } catch (error) {
    return Promise.reject(error)
  }
}

async function finish(iterator: AsyncIterator<unknown>, signal: AbortSignal): Promise<void> {
  const returned = attempt(async () => iterator.return?.())
  // After an abort the caller gets its reason; a later failure of the abandoned source adds nothing.
  if (signal.aborted) returned.catch(() => undefined)
  else await untilAborted(() => returned, signal)
}
