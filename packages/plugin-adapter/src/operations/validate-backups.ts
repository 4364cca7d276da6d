import {
  type BackupError,
  type ErrorCode,
  isBackupError,
  type VerifyLevel,
  type VerifyReport,
} from '@s3db-backup/core'
import { catalogOf, type Inventory, inventory, parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { type DrillContext, drill } from '../drill/drill.js'
import type { DrillReport } from '../drill/drill-report.js'
import { parseDrillOptions } from '../options/drill-options.js'
import { type VerifyContext, verifyBackups } from './verify-backup.js'

const validateCallSchema = z.strictObject({
  limit: z.number().int().min(1).default(10),
  level: z.enum(['quick', 'stored', 'full', 'restore']).default('full'),
  subset: z.string().optional(),
  allowPlain: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).default(() => new AbortController().signal),
})

/** Options of one `validateBackups()` call. */
export type ValidateCall = z.input<typeof validateCallSchema>

/** The findings about one backup. */
export interface BackupValidation {
  readonly backupId: string
  /** When it was looked at, ISO 8601, UTC. */
  readonly timestamp: string
  /** `error`: it could not be checked, for instance without its key. */
  readonly overall: 'pass' | 'fail' | 'error'
  /** In sentences; none if it passed. */
  readonly problems: readonly string[]
  /** The code of the first problem; none if it passed, or if a drill found only records that differ. */
  readonly code?: ErrorCode | undefined
}

/** A report over several backups, ready for `JSON.stringify`. */
export interface ValidationReport {
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly level: string
  readonly totalBackups: number
  readonly passed: number
  readonly failed: number
  readonly errors: number
  /** Newest first; those whose manifest is damaged come last, whatever the limit. */
  readonly validations: readonly BackupValidation[]
}

/**
 * `plugin.validateBackups(options)`: checks the newest backups one after the other. One that is removed meanwhile, as
 * retention does it, is left out.
 */
export async function validateBackups(
  context: VerifyContext & DrillContext,
  options: ValidateCall,
): Promise<ValidationReport> {
  const { limit, ...call } = parseOptions(validateCallSchema, options, {
    what: 'options of validateBackups()',
    operation: 'verify',
  })
  const timestamp = new Date().toISOString()
  const { signal } = call
  const here = await inventory(context.destination.driver, { signal })
  const { backups, damaged } = await catalogOf(here).list({ deniedToo: true, signal })
  const ids = backups.slice(0, limit).map(({ id }) => id)
  const { level, ...rest } = call
  const validations =
    level === 'restore'
      ? await drillEach(context, ids, rest)
      : await verifyEach(context, { ids, inventory: here }, { level, ...rest })
  for (const { id, problem } of damaged)
    validations.push({
      backupId: id,
      timestamp,
      overall: problem.code === 'permission_denied' ? 'error' : 'fail',
      problems: [problem.message],
      code: problem.code,
    })
  const count = (overall: BackupValidation['overall']) =>
    validations.filter((validation) => validation.overall === overall).length
  return {
    timestamp,
    level: call.level,
    totalBackups: validations.length,
    passed: count('pass'),
    failed: count('fail'),
    errors: count('error'),
    validations,
  }
}

type Call = Omit<z.output<typeof validateCallSchema>, 'limit' | 'level'>

/** All at once, so that what they share is read once. */
async function verifyEach(
  context: VerifyContext,
  asked: { readonly ids: readonly string[]; readonly inventory: Inventory },
  call: Call & { readonly level: VerifyLevel },
): Promise<BackupValidation[]> {
  const outcomes = await verifyBackups(context, asked, call)
  const timestamp = new Date().toISOString()
  return outcomes.flatMap((outcome) => {
    if (!('error' in outcome)) return [checked(outcome.id, timestamp, outcome.report)]
    return wasRemoved(outcome.error, outcome.id) ? [] : [unchecked(outcome.id, timestamp, outcome.error)]
  })
}

/** Backups that retention removes are no problem, and neither is one that went between the listing and its turn. */
function wasRemoved(error: BackupError, id: string): boolean {
  return isBackupError(error, 'not_found') && error.metadata.backupId === id
}

async function drillEach(
  context: DrillContext,
  ids: readonly string[],
  { allowPlain, signal }: Call,
): Promise<BackupValidation[]> {
  const validations: BackupValidation[] = []
  for (const id of ids) {
    const timestamp = new Date().toISOString()
    try {
      const report = await drill(context, id, parseDrillOptions({ allowPlain, signal }))
      validations.push(checked(id, timestamp, report))
    } catch (error) {
      signal.throwIfAborted()
      if (!isBackupError(error)) throw error
      if (!wasRemoved(error, id)) validations.push(unchecked(id, timestamp, error))
    }
  }
  return validations
}

function checked(backupId: string, timestamp: string, report: VerifyReport | DrillReport): BackupValidation {
  const problems = problemsOf(report)
  return { backupId, timestamp, overall: report.ok ? 'pass' : 'fail', problems, ...codeOf(report) }
}

function unchecked(backupId: string, timestamp: string, error: BackupError): BackupValidation {
  return { backupId, timestamp, overall: 'error', problems: [error.message], code: error.code }
}

function codeOf({ problems: [problem] }: VerifyReport | DrillReport): Pick<BackupValidation, 'code'> {
  return problem === undefined ? {} : { code: problem.code }
}

function problemsOf(report: VerifyReport | DrillReport): string[] {
  const problems = report.problems.map(({ message }) => message)
  if (!('resources' in report)) return problems
  const differing = Object.entries(report.resources).filter(([, { different }]) => different > 0)
  return [
    ...problems,
    ...differing.map(
      ([name, { different, records }]) => `${different} of ${records} records of ${name} differ`,
    ),
  ]
}
