/*
 * What our own packages need before the AWS SDK is loaded. It is not for others: it changes without notice, in any
 * version.
 */
export { parseS3Options, s3Capabilities } from './options.js'
