import type { Context } from 'hono'
import type { Page } from './page.js'

/** Aborts when nobody waits for the answer any more: the client has left, or the server is closed. */
export function wanted({ req }: Context, { signal }: Pick<Page, 'signal'>): AbortSignal {
  return AbortSignal.any([signal, req.raw.signal])
}
