import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { BackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { startAttempt } from '../connection/attempt.js'
import { download } from '../download.js'
import { listObjects } from '../listing.js'
import { removeObject } from '../remove.js'
import { putParameters } from '../upload/put-parameters.js'
import { upload } from '../upload/upload.js'
import { ok, problem } from './finding.js'
import { type Probe, probeFiles } from './probe.js'

const text = 'Written by the doctor of @s3db-backup/driver-s3; may be deleted.'
const key = ({ folder }: Probe) => `${folder}/${probeFiles.text}`

/** With the storage class, encryption and tags that backups are to have. */
export async function checkWrite(probe: Probe): Promise<Finding> {
  await upload(probe.connection, key(probe), once(text), probe)
  const { storageClass = 'the bucket’s default', serverSideEncryption = 'the bucket’s default' } =
    probe.connection.options
  return ok(
    'write',
    `Objects can be written (storage class: ${storageClass}, encryption: ${serverSideEncryption})`,
  )
}

export async function checkRead(probe: Probe): Promise<Finding> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of download(probe.connection, key(probe), probe)) chunks.push(chunk)
  } catch (error) {
    if (error instanceof BackupError && error.metadata.archived === true) {
      return ok('read', 'Objects are archived and can be read after a thaw')
    }
    throw error
  }
  if (Buffer.concat(chunks).toString() === text) return ok('read', 'Objects read back as they were written')
  return problem(
    'read',
    'Objects do not read back as they were written',
    'Do not store backups on this server.',
  )
}

/**
 * The maximum size of the part that is sent, in bytes, whatever the setting: a check must not cost as much as a backup.
 */
const largestProbe = 16 * 1024 * 1024

/** Whether a part of the size that is set arrives, and whether what a failed upload leaves can be taken away. */
export async function checkMultipart(probe: Probe): Promise<Finding> {
  const { connection, signal } = probe
  const { IfNoneMatch, ...parameters } = putParameters(
    connection,
    startAttempt(`${probe.folder}/${probeFiles.multipart}`, probe),
  )
  const { Bucket, Key } = parameters
  const { UploadId } = await connection.send(new CreateMultipartUploadCommand(parameters), signal)
  const size = Math.min(connection.options.partSize, largestProbe)
  const part = { ...connection.object(`${probe.folder}/${probeFiles.multipart}`), UploadId, PartNumber: 1 }
  try {
    await connection.send(new UploadPartCommand({ ...part, Body: Buffer.alloc(size) }), signal)
  } finally {
    await connection.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), signal)
  }
  const { Uploads = [] } = await connection.send(
    new ListMultipartUploadsCommand({ Bucket, Prefix: Key }),
    signal,
  )
  if (Uploads.length === 0)
    return ok(
      'multipart',
      `Multipart uploads can be started, aborted and listed; a part of ${size} bytes arrives`,
    )
  return problem(
    'multipart',
    'A multipart upload is still listed after it was aborted',
    'Add a lifecycle rule that removes incomplete multipart uploads.',
  )
}

/** Removes every probe; nobody else's. */
export async function checkDelete(probe: Probe): Promise<Finding> {
  const { connection, folder } = probe
  // By name: a failing listing must not leave them there.
  for (const file of [probeFiles.text, probeFiles.race, ...probeFiles.ordered])
    await removeObject(connection, `${folder}/${file}`, probe)
  for await (const info of listObjects(connection, `${folder}/`, probe)) {
    return problem(
      'delete',
      `${info.key} is still listed after it was deleted`,
      'Prune cannot free any space here.',
    )
  }
  return ok('delete', 'Objects can be deleted')
}

async function* once(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}
