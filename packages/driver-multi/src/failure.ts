import { BackupError, type BackupErrorDetails, type ErrorCode, isBackupError } from '@s3db-backup/core'
import type { DestinationReport, Replica, Strategy } from './multi-driver.js'

const suggestion =
  'Inspect individual driver errors in error.metadata.destinations and fix the failing target.'

/** How the failure of a backup to several destinations is documented, whatever the single causes are. */
const backupFailure: BackupErrorDetails = {
  operation: 'backup',
  description: 'Multi-destination backup failed',
  statusCode: 502,
  retriable: true,
}

/**
 * The one error for a backup that failed at its destinations: `metadata.strategy` is theirs, and each one's own cause
 * is in `metadata.destinations`.
 */
export function backupFailed(destinations: readonly DestinationReport[], strategy: Strategy): BackupError {
  return destinationsFailed(destinations, backupFailure).with({ metadata: { strategy } })
}

/** One error for the failures of several replicas. Its code is theirs if they agree, else `unavailable`. */
export function destinationsFailed(
  destinations: readonly DestinationReport[],
  details: BackupErrorDetails,
): BackupError {
  const failed = destinations.filter(({ status }) => status === 'failed')
  const causes = failed.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]))
  const why = causes.map(({ name, error }) => `${name}: ${error.message}`).join('; ')
  return new BackupError(
    commonCode(causes.map(({ error }) => error)),
    `${failed.length} of ${destinations.length} destinations failed (${why})`,
    { suggestion, driver: 'multi', ...details, metadata: { destinations }, cause: causes[0]?.error },
  )
}

/** A failed replica of which nothing else is known. */
export function failedReport(replica: Replica, error: BackupError): DestinationReport {
  return { ...reportHead(replica), status: 'failed', error, bytes: 0, files: 0 }
}

/** A replica with which nothing is wrong. */
export function fineReport(replica: Replica): DestinationReport {
  return { ...reportHead(replica), status: 'success', bytes: 0, files: 0 }
}

export function reportHead({ name, driver }: Replica): Pick<DestinationReport, 'name' | 'driver'> {
  return { name, driver: driver.name }
}

/**
 * The storage's failure, or else a throw of what is not one: an abort, or a call that no replica could answer.
 * Behind the guard every failure of a driver is a BackupError.
 */
export function storageFailure(error: unknown, signal: AbortSignal): BackupError {
  signal.throwIfAborted()
  if (!isBackupError(error) || error.code === 'invalid_options') throw error
  return error
}

/** Behind the guard every failure is a BackupError; whatever else comes is a defect and is shown as one. */
export function asBackupError(error: unknown): BackupError {
  if (isBackupError(error)) return error
  return new BackupError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}

function commonCode([first, ...others]: readonly BackupError[]): ErrorCode {
  return first !== undefined && others.every(({ code }) => code === first.code) ? first.code : 'unavailable'
}
