import type { Driver } from '@s3db-backup/core'
import type { DestinationCapabilities } from '@s3db-backup/core/internal'
import { clock } from './clock.js'
import { connect } from './connection/connection.js'
import { doctor } from './doctor/doctor.js'
import { download } from './download.js'
import { listObjects } from './listing.js'
import { type S3Options, s3Capabilities } from './options.js'
import { removeObject } from './remove.js'
import { thaw } from './thaw.js'
import { upload } from './upload/upload.js'

/** A driver that can also thaw archived objects and examine its bucket. */
export type S3Driver = Driver & Required<Pick<DestinationCapabilities, 'doctor' | 'thaw'>>

/**
 * Keeps backups in a bucket of S3 or of a server that speaks its protocol.
 *
 * A `put` streams in parts of `partSize` bytes and holds up to `queueSize + 1` of them in memory. Objects are
 * written once: where the server knows `If-None-Match`, an object that is there already makes `put` reject with
 * `conflict`. A `put` that fails or is aborted leaves neither an object nor a multipart upload behind, as long
 * as the server can still be asked to remove it.
 *
 * @throws BackupError `invalid_options` at once; later `permission_denied` (says which key is wrong or which IAM
 * action is missing), `not_found`, `unavailable` (also for archived objects, with `metadata.archived`),
 * `no_space`, `conflict`, `corrupt`, `unsupported`.
 *
 * @example
 * ```ts
 * import { openCatalog } from '@s3db-backup/core'
 * import { s3 } from '@s3db-backup/driver-s3'
 *
 * const driver = s3({ bucket: 'my-backups', prefix: 'shop', region: 'eu-central-1', storageClass: 'STANDARD_IA' })
 * export const catalog = openCatalog(driver)
 * ```
 */
export function s3(options: S3Options): S3Driver {
  const connection = connect(options)
  return {
    name: 's3',
    capabilities: s3Capabilities(connection.options),
    put: (key, body, call) => upload(connection, key, body, call),
    get: (key, call) => download(connection, key, call),
    list: (prefix, call) => listObjects(connection, prefix, call),
    delete: (key, call) => removeObject(connection, key, call),
    clock: (call) => clock(connection, call),
    async close() {
      connection.close()
    },
    thaw: (keys, thawOptions) => thaw(connection, keys, thawOptions),
    doctor: (call) => doctor(connection, call),
  }
}
