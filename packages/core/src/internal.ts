/*
 * What our own packages share beyond the public surface. It is not for others: it changes without notice, in any
 * version.
 */
export { type Redactor, redactor, withoutCredentials } from './secrets/redactor.js'
