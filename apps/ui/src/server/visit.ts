import type { HttpBindings } from '@hono/node-server'
import type { Operator } from './security/sessions.js'

/** What is known of a request once it was let in. */
export interface Visit {
  readonly Bindings: HttpBindings
  readonly Variables: { operator: Operator }
}
