import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../json.js'

/** How the records of a resource are stored, as far as it matters to a chain. */
export interface Shaped {
  readonly shape?: string | undefined
  readonly definition?: JsonValue | undefined
}

/** Whether records that are stored now can be laid over those of an earlier backup. */
export function sameShape(before: Shaped, now: Shaped): boolean {
  return before.shape === undefined && now.shape === undefined
    ? isDeepStrictEqual(before.definition, now.definition)
    : before.shape === now.shape
}
