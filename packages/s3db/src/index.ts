export { type Database, isDatabase } from './client/database.js'
export { databaseSource, type SourceOptions } from './reading/source.js'
export { type DatabaseAtOptions, databaseAt, type PastSource } from './versions/database-at.js'
export { databaseTarget, type TargetOptions } from './writing/target.js'
