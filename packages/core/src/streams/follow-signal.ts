import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts when any of the given ones does, with the same reason. Every read and write under way
 * listens to it, so it may have many listeners; a caller's own signal would print a warning beyond ten.
 */
export function followSignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const followed = AbortSignal.any(signals.filter((signal) => signal !== undefined))
  setMaxListeners(0, followed)
  return followed
}
