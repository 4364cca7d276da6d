/*
 * What it takes to say what went wrong, and nothing else. The command loads it at its start, where everything else would
 * keep people waiting: nothing here loads zod. It is for our own packages, as `internal` is.
 */

export { errorTable, operationTable } from './error-table.js'
export { BackupError, isBackupError } from './errors.js'
export { nearest } from './nearest.js'
export { type Redactor, redactor } from './secrets/redactor.js'
