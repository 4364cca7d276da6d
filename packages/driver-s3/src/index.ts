export { parseS3Options, type S3Credentials, type S3Options } from './options.js'
export type { Provider } from './providers.js'
export { type S3Driver, s3 } from './s3.js'
export type { StorageClass } from './storage-class.js'
