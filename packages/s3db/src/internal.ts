/*
 * What our own packages share beyond the public surface. It is not for others: it changes without notice, in any
 * version.
 */
export { reasonOf } from './client/client-reason.js'
export { checkConnectionString } from './client/connection-string.js'
export { checkConnected } from './client/database.js'
export { makeRoot } from './client/files/make-root.js'
export { askForObject, deleteObject } from './client/objects.js'
export { definitionsKey } from './definitions-file.js'
export { listObjects } from './listing/listing.js'
export { type TransientKind, transientKinds } from './listing/transient.js'
export { type RecordLookup, recordLookups } from './reading/record-lookup.js'
export { storedDefinitions } from './reading/stored-definitions.js'
export { valueAt } from './stored-form/value-at.js'
