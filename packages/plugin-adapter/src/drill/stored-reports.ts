import { BackupError, type Call, type Driver, guard } from '@s3db-backup/core'
import { createBackupId, reportPrefix } from '@s3db-backup/core/internal'

/*
 * Reports of drills lie at the destination below reports/, which no backup uses: nothing there is a manifest, so
 * listing, pruning, sweeping and copying pass over it. The name says when and how it went, so that one listing
 * tells the history.
 */

/** A drill whose report is kept at the destination. */
export interface KeptDrill {
  /** When it began, ISO 8601, UTC, to the second. */
  readonly startedAt: string
  readonly ok: boolean
  /** Of the report, JSON. */
  readonly key: string
}

interface Storable {
  readonly ok: boolean
  readonly startedAt: string
}

/** Stores a report under a name of its own. Resolves with its key. */
export async function storeReport(driver: Driver, report: Storable, call: Call): Promise<string> {
  const name = createBackupId(`drill-${report.ok ? 'passed' : 'failed'}`, new Date(report.startedAt))
  const key = `${reportPrefix}${name}.json`
  await guard(driver).put(key, textOf(report), { ...call, kind: 'report' })
  return key
}

async function* textOf(report: Storable): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(report, null, 2)}\n`)
}

const namePattern =
  /^reports\/drill-(passed|failed)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-[a-z0-9]{6}\.json$/

/** The drills whose reports are kept, newest first, from one listing. */
export async function keptDrills(driver: Driver, call: Call): Promise<KeptDrill[]> {
  const found: KeptDrill[] = []
  for await (const { key } of guard(driver).list(reportPrefix, call)) {
    const [, outcome, day, hours, minutes, seconds] = namePattern.exec(key) ?? []
    if (outcome === undefined) continue
    found.push({ startedAt: `${day}T${hours}:${minutes}:${seconds}.000Z`, ok: outcome === 'passed', key })
  }
  return found.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
}

/** A report has some thousand bytes. A larger file was not written by a drill. */
const largest = 8 * 1024 * 1024

/**
 * The stored report of a drill: JSON that anyone with write access to the destination may have written.
 *
 * @throws BackupError `not_found` if there is no such report, `corrupt` if it is not JSON.
 */
export async function keptReport(driver: Driver, key: string, call: Call): Promise<unknown> {
  if (!namePattern.test(key)) throw noReport(key)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of guard(driver).get(key, { ...call, kind: 'report' })) {
    bytes += chunk.byteLength
    if (bytes > largest) throw spoiltReport(key, 'is too large')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (cause) {
    throw spoiltReport(key, 'is no JSON', cause)
  }
}

function noReport(key: string): BackupError {
  return new BackupError('not_found', `There is no report of a drill at '${key}'`, {
    operation: 'download',
    suggestion: 'Choose one that drills.list() names.',
  })
}

function spoiltReport(key: string, what: string, cause?: unknown): BackupError {
  return new BackupError('corrupt', `The report of a drill at '${key}' ${what}`, {
    operation: 'download',
    suggestion: 'Run the drill again.',
    ...(cause === undefined ? {} : { cause }),
  })
}
