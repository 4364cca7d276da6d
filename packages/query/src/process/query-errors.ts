import { BackupError, type ErrorCode } from '@s3db-backup/core'
import type { Failure } from './messages.js'
import type { ReplyOf } from './replies.js'

/** What somebody can do about a failure, and how it is coded. */
const causes: Readonly<Record<Failure, readonly [ErrorCode, string]>> = {
  statement: ['unsupported', 'Give one SELECT. PIVOT needs its values: PIVOT users ON city IN (...).'],
  access: ['unsupported', 'A query reads the tables of the backup and nothing else.'],
  memory: ['no_space', 'Raise memoryLimit, or let the query keep less in memory.'],
  space: ['no_space', 'Free space at tempDir, or let the query keep less in memory.'],
  content: ['corrupt', 'Read this resource without SQL; verify shows whether the backup is intact.'],
  sql: ['invalid_options', 'Correct the SQL. tables() lists the tables and columns.'],
}

/** The error of a query that DuckDB, or the checks before it, refused. */
export function queryFailed({ failure, message }: ReplyOf<'failed'>): BackupError {
  const [code, suggestion] = causes[failure]
  return new BackupError(code, `The query failed: ${message.trim()}`, {
    operation: 'download',
    description: 'Failed to query a backup',
    suggestion,
    metadata: { failure },
  })
}

export function tooMuchMemory(limit: number): BackupError {
  return new BackupError(
    'no_space',
    `The query was stopped: it held more memory than its limit of ${limit} bytes allows`,
    {
      operation: 'download',
      description: 'Failed to query a backup',
      suggestion: causes.memory[1],
      metadata: { limit },
    },
  )
}

export function tooLong(timeout: number): BackupError {
  return new BackupError('unavailable', `The query was stopped: it took longer than ${timeout} ms`, {
    operation: 'download',
    description: 'Failed to query a backup',
    retriable: false,
    suggestion: 'Raise timeout, or query less.',
    metadata: { timeout },
  })
}
