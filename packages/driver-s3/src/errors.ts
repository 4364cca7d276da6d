import { BackupError, type ErrorCode, isBackupError } from '@s3db-backup/core'
import * as z from 'zod'
import {
  alteredBody,
  type Cause,
  causeOfStatus,
  causes,
  otherOutage,
  type RequestFacts,
} from './error-causes.js'

/** What may be read from an error of the SDK, of a server behind it, or of Node. */
const failureSchema = z.looseObject({
  name: z.string().default('Error'),
  message: z.string().default(''),
  code: z.string().optional().catch(undefined),
  Code: z.string().optional().catch(undefined),
  Region: z.string().optional().catch(undefined),
  StorageClass: z.string().optional().catch(undefined),
  $metadata: z
    .object({
      httpStatusCode: z.number().optional(),
      requestId: z.string().optional(),
      attempts: z.number().optional(),
    })
    .optional()
    .catch(undefined),
  $response: z
    .object({ headers: z.record(z.string(), z.string()) })
    .optional()
    .catch(undefined),
})

type Failure = z.output<typeof failureSchema>

/**
 * Names a failure by its cause. What the SDK throws is not passed on: it can hold the request with its
 * signature and token. The cause keeps the name and the message. `otherwise` is the code of what nothing is
 * known about.
 */
export function explain(
  error: unknown,
  request: RequestFacts,
  otherwise: ErrorCode = 'internal',
): BackupError {
  if (isBackupError(error)) return error
  const parsed = failureSchema.safeParse(error instanceof Error ? { ...error, ...own(error) } : error)
  const failure = parsed.success ? parsed.data : failureSchema.parse({ message: String(error) })
  const facts = {
    ...request,
    region: failure.Region ?? failure.$response?.headers['x-amz-bucket-region'],
    storageClass: failure.StorageClass ?? request.storageClass,
  }
  const cause = causeOf(failure)
  const { httpStatusCode: status, requestId, attempts } = failure.$metadata ?? {}
  const answer = [failure.Code ?? failure.name, status].filter((part) => part !== undefined).join(', ')
  return new BackupError(
    cause?.code ?? otherwise,
    `${cause?.message(facts) ?? failure.message} (${answer})`,
    {
      driver: 's3',
      suggestion: typeof cause?.suggestion === 'function' ? cause.suggestion(facts) : cause?.suggestion,
      metadata: {
        bucket: request.bucket,
        ...(request.key === undefined ? {} : { key: request.key }),
        answer: failure.Code ?? failure.name,
        ...withoutUndefined({ status, requestId, attempts }),
        ...cause?.metadata?.(facts),
      },
      cause: new Error(`${failure.Code ?? failure.name}: ${failure.message}`),
    },
  )
}

/** Whether an error that {@link explain} made came from this answer of the server. */
export function answered(error: unknown, answer: string | number): boolean {
  return isBackupError(error) && (error.metadata.answer === answer || error.metadata.status === answer)
}

function causeOf(failure: Failure): Cause | undefined {
  const { Code, name, code, message, $metadata } = failure
  const status = $metadata?.httpStatusCode
  if (message.startsWith('Checksum mismatch')) return alteredBody
  for (const label of [Code, name, code, message]) {
    const cause = label === undefined ? undefined : causes.get(label)
    if (cause !== undefined) return cause
  }
  if (status === undefined) return code === undefined ? undefined : otherOutage
  return causeOfStatus.get(status) ?? (status >= 500 ? otherOutage : undefined)
}

/** Fields of an error that are not enumerable, or inherited. */
function own(error: Error): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...('$response' in error ? { $response: error.$response } : {}),
  }
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
