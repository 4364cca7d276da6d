import type { HttpBindings } from '@hono/node-server'
import type { Operator } from './security/sessions.js'

/** The facts about an accepted request. */
export interface Visit {
  readonly Bindings: HttpBindings
  readonly Variables: { operator: Operator }
}
