import { CompleteMultipartUploadCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Attempt } from '../connection/attempt.js'
import type { Connection } from '../connection/connection.js'
import { advised, isRefusal, namesOther } from '../connection/support.js'
import { hostOf } from '../errors/errors.js'
import { isOurs } from '../ownership.js'

/** The requests that make an object visible. */
type FinalCommand = PutObjectCommand | CompleteMultipartUploadCommand

/**
 * Sends the request that creates the object, on condition that there is none. Whatever the server answers, the object
 * decides: if an answer is lost, the SDK repeats the request and gets the answer that the object exists (412) or that
 * the upload does not (404). If the existing object is ours, the first request succeeded.
 */
export async function sendFinal(connection: Connection, attempt: Attempt, command: FinalCommand) {
  const { support } = connection
  attempt.finalSent = true
  if (!support.has('conditions')) return await sendUnconditionally(connection, attempt, command)
  try {
    return await send(connection, attempt, command)
  } catch (error) {
    if (attempt.signal.aborted) throw error
    if (isRefusal(error) && !namesOther(error, 'conditions')) {
      if (!support.mayLack('conditions')) throw advised(error, 'conditions')
      return await withoutCondition(connection, attempt, command, error)
    }
    // A failure of this check says nothing new: the request's own error stands.
    const landed = await isOurs(connection, attempt, attempt.signal).catch(() => false)
    if (!landed) throw error
    return { $metadata: {} }
  }
}

/** Tries whether it is the condition that the server refuses, and remembers it if it is. */
async function withoutCondition(
  connection: Connection,
  attempt: Attempt,
  command: FinalCommand,
  refusal: unknown,
) {
  const done = await sendUnconditionally(connection, attempt, command).catch((error: unknown) => {
    throw isRefusal(error) ? refusal : error
  })
  connection.support.lacks('conditions', hostOf(refusal))
  return done
}

/** For servers without conditional writes. They cannot distinguish two writers at the same instant. */
async function sendUnconditionally(connection: Connection, attempt: Attempt, command: FinalCommand) {
  const { key, signal } = attempt
  const found = await connection.send(new HeadObjectCommand(connection.object(key)), signal).catch(missing)
  if (found !== undefined) {
    throw new BackupError('conflict', `There is an object ${key} already; objects are written once`, {
      driver: 's3',
    })
  }
  const unconditional =
    command instanceof PutObjectCommand
      ? new PutObjectCommand({ ...command.input, IfNoneMatch: undefined })
      : new CompleteMultipartUploadCommand({ ...command.input, IfNoneMatch: undefined })
  return await send(connection, attempt, unconditional)
}

function missing(error: unknown): undefined {
  if (!isBackupError(error, 'not_found')) throw error
}

function send(connection: Connection, { signal }: Attempt, command: FinalCommand) {
  return command instanceof PutObjectCommand
    ? connection.send(command, signal)
    : connection.send(command, signal)
}
