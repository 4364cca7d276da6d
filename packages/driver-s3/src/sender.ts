import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-s3'
import type { Attempt } from './attempt.js'
import type { Connection, S3Command } from './connection.js'
import { sendFinal } from './final-request.js'

/** The client, for lib-storage: its requests end when the attempt does, and the first failure ends the attempt. */
export function sender(connection: Connection, attempt: Attempt): S3Client {
  async function send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: S3Command<Input, Output>,
  ) {
    try {
      if (command instanceof PutObjectCommand || command instanceof CompleteMultipartUploadCommand) {
        return await sendFinal(connection, attempt, command)
      }
      if (!(command instanceof CreateMultipartUploadCommand))
        return await connection.send(command, attempt.signal)
      attempt.createsSent += 1
      const created = await connection.send(command, attempt.signal)
      attempt.createsSent = created.$metadata.attempts ?? 1
      attempt.uploadId = created.UploadId
      return created
    } catch (error) {
      throw attempt.fail(error)
    }
  }
  return new Proxy(connection.client, {
    get: (client, name) => (name === 'send' ? send : Reflect.get(client, name)),
  })
}
