import { BackupError, isBackupError } from '@s3db-backup/core'
import * as z from 'zod'

const problemsSchema = z.object({ problems: z.array(z.string()) })

/**
 * Runs all checks, and throws all problems as one `invalid_options`: a user who corrects a configuration should see all
 * errors at once.
 */
export function together(what: string, checks: readonly (() => unknown)[]): void {
  const found = checks.flatMap((check) => failureOf(check) ?? [])
  const [first, ...others] = found
  if (first === undefined) return
  if (others.length === 0) throw first.error
  const problems = [...new Set(found.flatMap((one) => one.problems))]
  throw new BackupError('invalid_options', `Invalid ${what}: ${problems.join('; ')}`, {
    operation: 'validateConfig',
    metadata: { problems },
    cause: first.error,
  })
}

function failureOf(check: () => unknown) {
  try {
    check()
    return undefined
  } catch (error) {
    if (!isBackupError(error, 'invalid_options')) throw error
    return { error, problems: problemsSchema.safeParse(error.metadata).data?.problems ?? [error.message] }
  }
}
