import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { BackupError } from '@s3db-backup/core'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import { maxParts } from '../options.js'
import { sendFinal } from './final-request.js'
import type { BufferPool, Part } from './parts.js'
import { putParameters } from './put-parameters.js'

/** Sends the parts side by side, as many as the pool has buffers for, and completes the upload. */
export async function uploadInParts(
  connection: Connection,
  attempt: Attempt,
  first: Part,
  rest: AsyncIterable<Part>,
  pool: BufferPool,
): Promise<void> {
  const upload = await create(connection, attempt)
  const sent: Promise<CompletedPart>[] = []
  const start = (part: Part) => {
    const sending = sendPart(connection, attempt, upload, part).finally(() => pool.give(part.buffer))
    // Stops reading the body at once. The failure itself is thrown below.
    sending.catch((error: unknown) => attempt.fail(error))
    sent.push(sending)
  }
  try {
    start(first)
    for await (const part of rest) start(part)
    const completed = { Parts: await Promise.all(sent) }
    await sendFinal(
      connection,
      attempt,
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: completed }),
    )
  } finally {
    // A request still in flight when the upload is aborted could outlive the abort.
    await Promise.allSettled(sent)
  }
}

type OpenUpload = Awaited<ReturnType<typeof create>>

async function create(connection: Connection, attempt: Attempt) {
  const { IfNoneMatch, ...parameters } = putParameters(connection, attempt)
  const checksum =
    (await connection.client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED' ? 'CRC32' : undefined
  const ChecksumAlgorithm = parameters.ChecksumAlgorithm ?? checksum
  attempt.createsSent = 1
  const created = await connection.send(
    new CreateMultipartUploadCommand({ ...parameters, ChecksumAlgorithm }),
    attempt.signal,
  )
  attempt.createsSent = created.$metadata.attempts ?? 1
  attempt.uploadId = created.UploadId
  return { ...connection.object(attempt.key), UploadId: created.UploadId, IfNoneMatch, ChecksumAlgorithm }
}

async function sendPart(
  connection: Connection,
  attempt: Attempt,
  upload: OpenUpload,
  part: Part,
): Promise<CompletedPart> {
  const { number, bytes } = part
  if (number > maxParts)
    throw new BackupError('unsupported', `${attempt.key} has more than ${maxParts} parts`, {
      driver: 's3',
      suggestion: 'Set a larger partSize.',
    })
  const { IfNoneMatch, ...target } = upload
  const command = new UploadPartCommand({ ...target, PartNumber: number, Body: bytes })
  const { ETag, ChecksumCRC32 } = await connection.send(command, attempt.signal)
  return { PartNumber: number, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) }
}
