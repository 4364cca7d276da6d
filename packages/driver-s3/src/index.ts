export type { S3Options } from './options.js'
export { type S3Driver, s3 } from './s3.js'
export type { StorageClass } from './storage-class.js'
export type { ThawEvent, ThawOptions, ThawReport } from './thaw.js'
