/*
 * What our own packages share beyond the public surface. It is not for others: it changes without notice, in any
 * version.
 */
export { isDatedAhead } from './inventory/dated-ahead.js'
export { type Redactor, redactor, withoutCredentials } from './secrets/redactor.js'
export { type Selection, select } from './select.js'
export { untilAborted } from './streams/abortable.js'
export { ordered } from './streams/ordered.js'
export { type VerifyOutcome, verifyAll } from './verify/verify.js'
export type { VerifyAllOptions } from './verify/verify-options.js'
