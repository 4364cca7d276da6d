import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { BackupError, type Call } from '@s3db-backup/core'
import * as z from 'zod'
import type { Connection } from './connection/connection.js'

/** A small request that every backup may make, and what time the server said it was when it answered. */
export interface TimeRequest {
  readonly command: ListObjectsV2Command
  /** Nothing before the answer. A refusal says the time as well. To the second. */
  date(): Date | undefined
}

export function timeRequest({ options, fullKey }: Connection): TimeRequest {
  const command = new ListObjectsV2Command({ Bucket: options.bucket, Prefix: fullKey(''), MaxKeys: 1 })
  let date: Date | undefined
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const header = answerSchema.safeParse(result.response).data?.headers.date
      const said = new Date(header ?? Number.NaN)
      date = Number.isNaN(said.getTime()) ? undefined : said
      return result
    },
    { step: 'deserialize' },
  )
  return { command, date: () => date }
}

const answerSchema = z.object({ headers: z.object({ date: z.string().optional() }) })

/** The time at the server, by the `Date` of an answer. Throws `unsupported` for a server that does not say it. */
export async function clock(connection: Connection, { signal }: Call): Promise<Date> {
  const request = timeRequest(connection)
  await connection.send(request.command, signal)
  const date = request.date()
  if (date !== undefined) return date
  throw new BackupError('unsupported', 'The server does not send its time', {
    operation: 'status',
    driver: 's3',
  })
}
