import { BackupError, isBackupError, restore } from '@s3db-backup/core'
import { readManifests } from '@s3db-backup/core/internal'
import { databaseTarget } from '@s3db-backup/s3db'
import type { Databases, Storage } from '../context/plugin-context.js'
import type { CheckedDrill } from '../options/drill-options.js'
import { encrypting } from '../options/encryption.js'
import { notInstalled } from '../target/open-target.js'
import { version } from '../version.js'
import { comparing } from './compare-restored.js'
import { type DrillFindings, type DrillReport, withoutNames } from './drill-report.js'
import { openScratch } from './scratch.js'
import { signingKey, signOff } from './sign-off.js'
import { storeReport } from './stored-reports.js'

/** What a drill needs. */
export type DrillContext = Storage & Databases

/** Failures that are the backup's own. Anything else says nothing about it. */
const faults = new Set(['corrupt', 'broken_chain', 'incomplete', 'incompatible_format'])

/**
 * Restores a backup into a new database that is there for this alone, and looks up every record of the backup in
 * it. Memory does not grow with the number of records, unless the new database is in memory.
 *
 * Throws what the storage says if the report could not be kept; `metadata.report` then is the report.
 */
export async function drill(context: DrillContext, id: string, call: CheckedDrill): Promise<DrillReport> {
  const { report, unkept } = await drillAndKeep(context, id, call)
  if (unkept === undefined) return report
  throw isBackupError(unkept) ? withReport(unkept, report) : unkept
}

function withReport(cause: BackupError, report: DrillReport): BackupError {
  const { code, driver, statusCode, retriable, suggestion, metadata } = cause
  const found = report.ok ? 'passed' : 'found differences'
  return new BackupError(
    code,
    `The drill of ${report.id} ${found}, but its report could not be stored: ${cause.message}`,
    {
      ...{ operation: 'verify', driver, statusCode, retriable, suggestion, cause },
      metadata: { ...metadata, report },
    },
  )
}

/** What came of a drill, and why its report could not be kept, if it could not. */
export interface DrillOutcome {
  readonly report: DrillReport
  readonly unkept: unknown
}

/** Like {@link drill}, for callers that use the report even if it could not be stored. */
export async function drillAndKeep(
  context: DrillContext,
  id: string,
  call: CheckedDrill,
): Promise<DrillOutcome> {
  const database = context.database()
  if (database === undefined) throw notInstalled()
  const key = call.signingKey === undefined ? undefined : signingKey(call.signingKey)
  const signer = { by: call.signedOffBy ?? null, key }
  const started = Date.now()
  const outcome = await attempt(context, id, call)
  const { resources, problems } = outcome
  const findings: DrillFindings = {
    format: 's3db-backup-drill/1',
    id,
    level: 'restore',
    ok: problems.length === 0 && Object.values(resources).every(({ different }) => different === 0),
    startedAt: new Date(started).toISOString(),
    duration: Date.now() - started,
    durations: outcome.durations,
    chain: outcome.chain,
    selection: { resources: call.resources ?? null, exclude: call.exclude ?? [] },
    scratch: outcome.scratch,
    versions: { backup: version, s3db: database.s3dbVersion ?? null, node: process.versions.node },
    resources,
    problems,
  }
  const report = signOff(findings, signer)
  if (!call.storeReport) return { report, unkept: undefined }
  const stored = outcome.encrypted ? signOff(withoutNames(findings), signer) : report
  try {
    await storeReport(context.destination.driver, stored, call)
    return { report, unkept: undefined }
  } catch (unkept) {
    return { report, unkept }
  }
}

type Attempt = Pick<DrillFindings, 'chain' | 'scratch' | 'durations' | 'resources' | 'problems'> & {
  readonly encrypted: boolean
}

async function attempt(context: DrillContext, id: string, call: CheckedDrill): Promise<Attempt> {
  const { signal, allowPlain = false, scratch = 'disk' } = call
  const { driver } = context.destination
  const stored = { driver, id, ...encrypting(context), allowPlain, signal }
  const encrypted = context.encryption !== undefined
  let known: Attempt = {
    chain: [],
    scratch: kindOf(context, scratch),
    durations: { restore: 0, compare: 0 },
    resources: {},
    problems: [],
    encrypted,
  }
  try {
    const manifests = await readManifests({ ...stored, operation: 'verify' })
    known = {
      ...known,
      chain: manifests.map((manifest) => manifest.id),
      encrypted: encrypted || manifests.some((manifest) => manifest.encryption !== undefined),
    }
    return { ...known, ...(await restoreAndCompare(context, { ...stored, ...selectionOf(call) }, scratch)) }
  } catch (error) {
    if (!isBackupError(error) || !faults.has(error.code)) throw error
    return { ...known, problems: [error.with({ operation: 'verify' })] }
  }
}

type Stored = Omit<Parameters<typeof restore>[0], 'target'> & { readonly signal: AbortSignal }

async function restoreAndCompare(
  context: Databases,
  stored: Stored,
  where: string,
): Promise<Pick<Attempt, 'resources' | 'durations' | 'problems'>> {
  const scratch = await openScratch(context, where, stored.signal)
  try {
    const begun = Date.now()
    // A new database has nothing that `finish` would remove, and looking for it lists everything.
    const { finish: _, ...target } = databaseTarget(scratch.database)
    const missing = await restore({ ...stored, target }).then(() => undefined, lackOf)
    const restored = Date.now()
    const comparison = comparing(scratch.database)
    await restore({ ...stored, target: comparison.target, verify: false })
    const durations = { restore: restored - begun, compare: Date.now() - restored }
    const problems = missing === undefined ? [] : [missing.with({ operation: 'verify' })]
    return { resources: comparison.resources(), durations, problems }
  } finally {
    await scratch.remove()
  }
}

/** The error of a restore that wrote everything else: what it did write is compared all the same. */
function lackOf(error: unknown): BackupError {
  if (isBackupError(error, 'incomplete')) return error
  throw error
}

function selectionOf({ resources, exclude }: CheckedDrill) {
  return { ...(resources ? { resources } : {}), ...(exclude === undefined ? {} : { exclude }) }
}

function kindOf({ scratchFolder }: Databases, where: string): DrillFindings['scratch'] {
  if (where === 'memory') return 'memory'
  if (where !== 'disk') return 'database'
  return scratchFolder === undefined ? 'memory' : 'disk'
}
