import type { ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import * as z from 'zod'
import type { S3Command } from './command.js'

/** The headers that came with the newer checksums. Bodies are sent in one piece, so that none has a trailer. */
const header = /^x-amz-(checksum-|sdk-checksum-algorithm$)/i

/** The checksums of a command; `seen` once it was sent with some. */
export interface Checksums {
  drop: boolean
  seen: boolean
}

/** Lets a command notice whether it sends checksums, and leave them out, whatever the client is set to. */
export function watchChecksums<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: S3Command<Input, Output>,
  checksums: Checksums,
): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const headers = requestSchema.safeParse(args.request).data?.headers ?? {}
      for (const name of Object.keys(headers)) {
        if (!header.test(name)) continue
        if (checksums.drop) remove(args.request, name)
        else checksums.seen = true
      }
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'watchChecksums', override: true },
  )
}

const requestSchema = z.object({ headers: z.record(z.string(), z.string()) })

function remove(request: unknown, name: string): void {
  const { headers } = z.object({ headers: z.custom<Record<string, string>>() }).parse(request)
  delete headers[name]
}
