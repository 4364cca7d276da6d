import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as z from 'zod'
import type { Problem } from '../api/values.js'
import { inThePagesWords } from './page-words.js'
import { plainText } from './plain-text.js'
import { shortened } from './shortened.js'

/** Answers with what the schema names, and nothing else of the value; credentials are hidden, and long texts cut. */
export function answer<S extends z.ZodType>(
  context: Context,
  redactor: Redactor,
  schema: S,
  value: z.input<S>,
): Response {
  return context.json(redactor.document(shortened(schema.parse(value))) as never)
}

/** The body of a request. @throws BackupError `invalid_options` for one that is not as the schema says. */
export async function bodyOf<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const text = await context.req.text()
  return checked(schema, parsed(text), 'request')
}

/** The query of a request. */
export function queryOf<S extends z.ZodType>(context: Context, schema: S): z.output<S> {
  return checked(schema, context.req.query(), 'address')
}

function checked<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new BackupError(
    'invalid_options',
    `The ${what} is not understood: ${z.prettifyError(result.error)}`,
    {
      operation: 'validateConfig',
      suggestion: 'Reload the page.',
    },
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const statuses: Readonly<Record<string, ContentfulStatusCode>> = {
  invalid_options: 400,
  not_found: 404,
  conflict: 409,
  permission_denied: 403,
  unsupported: 422,
  undecryptable: 422,
  corrupt: 422,
  broken_chain: 422,
  incomplete: 422,
  incompatible_format: 422,
  unavailable: 503,
}

/** An error as the page shows it. An error that is not ours shows no details: it could contain anything. */
export function problemOf(error: unknown): Problem {
  if (!isBackupError(error))
    return {
      code: 'internal',
      message: 'Something in this program failed',
      suggestion: 'Check the terminal for the error, and try again.',
    }
  const { code, message, suggestion } = error
  return { code, message: plainText(message), suggestion: plainText(inThePagesWords(suggestion)) }
}

export function failed(context: Context, redactor: Redactor, error: unknown): Response {
  const problem = problemOf(error)
  return context.json(redactor.document(shortened({ problem })) as never, statuses[problem.code] ?? 500)
}
