import { BackupError, type ErrorCode, isBackupError } from '@s3db-backup/core'
import * as z from 'zod'
import { connectionCauses, otherFailure } from './connection-causes.js'
import {
  alteredBody,
  type Cause,
  causeOfStatus,
  causes,
  noRoom,
  otherOutage,
  type RequestFacts,
  vague,
} from './error-causes.js'
import { ForeignAnswer } from './foreign-answer.js'
import { causeOfForeign } from './foreign-causes.js'

/** The fields read from an error of the SDK, of a server behind it, or of Node. */
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

/** The facts about a failed request, and the secrets that must be hidden. */
export interface Request extends Omit<RequestFacts, 'host'> {
  readonly host?: string | undefined
  /** Texts that a server might repeat in its answer. */
  readonly secrets?: readonly string[] | undefined
}

/**
 * Names a failure by its cause. The SDK's error is not passed on: it can contain the request with its signature and
 * token. The message has the server's own text, its code, its status, the request's id and the host. `otherwise` is the
 * code for an unknown failure.
 */
export function explain(
  error: unknown,
  { secrets = [], ...request }: Request,
  otherwise: ErrorCode = 'internal',
): BackupError {
  if (isBackupError(error)) return error
  const parsed = failureSchema.safeParse(error instanceof Error ? { ...error, ...own(error) } : error)
  const failure = parsed.success ? parsed.data : failureSchema.parse({ message: String(error) })
  const facts: RequestFacts = {
    ...request,
    host: request.host ?? 'the storage',
    region: failure.Region ?? failure.$response?.headers['x-amz-bucket-region'],
    storageClass: failure.StorageClass ?? request.storageClass,
  }
  const words = wordsOf(failure, secrets)
  const cause = error instanceof ForeignAnswer ? causeOfForeign(error) : causeOf(failure, words)
  const { httpStatusCode: status, requestId, attempts } = failure.$metadata ?? {}
  const answer = nameOf(failure)
  const { suggestion } = cause ?? {}
  return new BackupError(cause?.code ?? otherwise, sentence(cause, failure, facts, words), {
    driver: 's3',
    suggestion: typeof suggestion === 'function' ? suggestion(facts) : suggestion,
    ...(cause?.retriable === undefined ? {} : { retriable: cause.retriable }),
    metadata: {
      bucket: request.bucket,
      ...withoutUndefined({ key: request.key, host: request.host }),
      answer,
      ...withoutUndefined({ status, requestId, attempts, words }),
      ...cause?.metadata?.(facts),
    },
    cause: new Error(words === undefined ? answer : `${answer}: ${words}`),
  })
}

/** Whether an error that {@link explain} made came from this answer of the server. */
export function answered(error: unknown, answer: string | number): boolean {
  return isBackupError(error) && (error.metadata.answer === answer || error.metadata.status === answer)
}

/** Where the request went that an error came from. */
export function hostOf(error: unknown): string {
  const host = isBackupError(error) ? error.metadata.host : undefined
  return typeof host === 'string' ? host : 'The server'
}

/** What happened, in our words and the server's, and in brackets what one needs to ask about it. */
function sentence(
  cause: Cause | undefined,
  failure: Failure,
  facts: RequestFacts,
  words: string | undefined,
): string {
  const { httpStatusCode: status, requestId } = failure.$metadata ?? {}
  const happened = cause?.message(facts) ?? `${facts.action} failed`
  const said = words === undefined || failure.name === 'ForeignAnswer' ? '' : `: "${words}"`
  // If nobody answered, the sentence already says everything.
  if (status === undefined) return cause === undefined ? `${happened}${said}` : happened
  const host = happened.includes(facts.host) ? undefined : facts.host
  const code = failure.name === 'ForeignAnswer' ? undefined : nameOf(failure)
  const details = [code, status, requestId === undefined ? undefined : `request ${requestId}`, host]
  return `${happened}${said} (${[...new Set(details.filter((part) => part !== undefined))].join(', ')})`
}

/** The SDK calls an error without a body `Unknown`, `UnknownError` or by its status. */
function nameOf({ Code, name, code, $metadata }: Failure): string {
  const given = Code ?? (name === 'Error' ? (code ?? name) : name)
  const status = $metadata?.httpStatusCode
  return status !== undefined && /^(Unknown|UnknownError|Error)$/.test(given) ? String(status) : given
}

/** The server's message beyond its code. */
function wordsOf({ message, ...failure }: Failure, secrets: readonly string[]): string | undefined {
  const line = message.split('\n')[0]?.trim() ?? ''
  if (line === '' || line === nameOf({ message, ...failure }) || /^(Unknown|UnknownError)$/.test(line))
    return undefined
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), line)
  return shown.length > longestWords ? `${shown.slice(0, longestWords)}…` : shown
}

const longestWords = 300

/** What providers say under a code that means something else. */
const fullWords =
  /\b(quota|storage cap|cap exceeded|over (its|the|your) (storage )?(cap|limit|quota)|storage limit|out of (disk )?space|(insufficient|not enough) (storage|space|disk)|no space left)\b/i

function causeOf(failure: Failure, words: string | undefined): Cause | undefined {
  const { Code, name, code, message, $metadata } = failure
  const status = $metadata?.httpStatusCode
  if (message.startsWith('Checksum mismatch')) return alteredBody
  for (const label of [Code, name, code, message]) {
    const cause = label === undefined ? undefined : (causes.get(label) ?? connectionCauses[label])
    if (cause !== undefined) return vague.has(cause) && fullWords.test(words ?? '') ? noRoom : cause
  }
  if (status === undefined) return code === undefined ? undefined : otherFailure
  return causeOfStatus.get(status) ?? (status >= 500 ? otherOutage : undefined)
}

/** Fields of an error that are not enumerable, inherited, or those of what it was thrown for. */
function own(error: Error): Record<string, unknown> {
  const inner = error.cause instanceof Error && 'code' in error.cause ? { code: error.cause.code } : {}
  return {
    ...inner,
    name: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    ...('$response' in error ? { $response: error.$response } : {}),
  }
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
