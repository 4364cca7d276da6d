import { isDatedAhead } from '@s3db-backup/core/internal'
import type { NextRun } from '@s3db-backup/plugin-adapter'

/** The newest complete backup. Times in ms since 1970, sizes in bytes. */
export interface Success {
  readonly id: string
  /** When it was complete. */
  readonly at: number
  readonly bytes: number
  /** Unknown of an encrypted backup that was found without its key. */
  readonly records: number | null
  /** How long it took, in ms. */
  readonly duration: number
  /** Whether it was read back after it was written; unknown of backups that others made. */
  readonly verified: boolean | undefined
}

export interface Failure {
  readonly at: number
  readonly message: string
}

/** A drill: the newest backup was restored elsewhere and compared. */
export interface DrillResult {
  /** When it began, in ms since 1970. */
  readonly at: number
  readonly ok: boolean
}

/** A backup that cannot be restored because one that it builds on is missing. */
export interface BrokenChain {
  readonly id: string
  readonly lacks: string
}

/** How the backups are, at one moment. */
export interface Health {
  readonly healthy: boolean
  /** The problem. */
  readonly reason: string | null
  readonly lastSuccess: Success | undefined
  /** Since the newest complete backup, in ms. */
  readonly age: number | undefined
  readonly lastFailure: Failure | undefined
  /** The newest drill, if there was one. */
  readonly lastDrill: DrillResult | undefined
  /** The start of the newest drill without differences, in ms since 1970. */
  readonly lastDrillSuccess: number | undefined
  /** Since then, in ms. */
  readonly drillAge: number | undefined
  /** Since this process was started. */
  readonly successes: number
  readonly failures: number
  readonly running: boolean
  /** What there was to warn of at the newest backup of this process. */
  readonly warnings: readonly string[]
  /**
   * From when on the versions of the database's bucket can bring back any moment, in ms since 1970; unknown without
   * versions.
   */
  readonly recoverableSince: number | undefined
  /** Backups at the destination that cannot be restored. */
  readonly broken: readonly BrokenChain[]
  readonly nextRuns: readonly NextRun[]
}

export interface HealthRules {
  /** How long after it was due a backup has to be complete, in ms. */
  readonly grace: number
  /** How old the newest backup may be, in ms. */
  readonly maxAge: number | undefined
  /** Whether a warning is as bad as a failure. */
  readonly strict?: boolean | undefined
}

/** Keeps count of what a schedule does. */
export interface HealthWatch {
  began(): void
  succeeded(success: Success): void
  /** Something to know of the backup that has just succeeded. */
  warned(message: string): void
  failed(failure: Failure): void
  /** These backups lack an ancestor, and no others. */
  lacking(broken: readonly BrokenChain[]): void
  drilled(result: DrillResult): void
  /** The versions of the database's bucket reach back to this time, in ms since 1970. */
  reaches(since: number | undefined): void
  /** A backup was stopped on purpose: neither a success nor a failure. */
  stopped(): void
  /** To be called now and then, too, so that no time at which a backup is due goes by unseen. */
  look(now: number): Health
}

/** The facts known when the watch begins. */
export interface Known {
  readonly lastSuccess?: Success | undefined
  /** Newest first. */
  readonly drills?: readonly DrillResult[] | undefined
  readonly broken?: readonly BrokenChain[] | undefined
}

/** Whether the age is negative, so that it is unknown. */
function isAhead({ at }: Success, now: number): boolean {
  return isDatedAhead(new Date(at).toISOString(), now)
}

/** A backup that another machine completed may be dated moments after now. */
function ageAt(newest: Success, now: number): number {
  return isAhead(newest, now) ? now - newest.at : Math.max(0, now - newest.at)
}

/** Begins with what is at the destination already. Drills are not among the backups that may be overdue. */
export function watchHealth(
  nextRuns: () => readonly NextRun[],
  rules: HealthRules,
  { lastSuccess, drills = [], broken: found = [] }: Known = {},
): HealthWatch {
  let newest = lastSuccess
  let broken = found
  let [lastDrill] = drills
  let lastDrillSuccess = drills.find(({ ok }) => ok)?.at
  const nextBackup = (runs: readonly NextRun[]) => runs.find(({ type }) => type !== 'drill')?.at.getTime()
  let lastFailure: Failure | undefined
  let warnings: string[] = []
  let recoverableSince: number | undefined
  let [successes, failures, running] = [0, 0, false]
  let next = nextBackup(nextRuns())
  /** The earliest time that no backup has followed yet. */
  let due: number | undefined

  const reasonAt = (now: number): string | null => {
    if (lastFailure !== undefined) return `the last backup failed: ${lastFailure.message}`
    if (due !== undefined && now - due > rules.grace)
      return `no backup has completed since the one due at ${new Date(due).toISOString()}`
    if (rules.strict === true && warnings[0] !== undefined)
      return `the last backup had a warning: ${warnings[0]}`
    if (rules.strict === true && broken[0] !== undefined)
      return `the backup ${broken[0].id} cannot be restored: it needs ${broken[0].lacks}, which is missing`
    if (lastDrill?.ok === false) return `the drill of ${new Date(lastDrill.at).toISOString()} failed`
    if (newest !== undefined && isAhead(newest, now))
      return `the newest backup is dated ahead of this machine's clock: ${new Date(newest.at).toISOString()}`
    if (rules.maxAge === undefined || (newest !== undefined && now - newest.at <= rules.maxAge)) return null
    return newest === undefined
      ? 'there is no backup'
      : `the newest backup is from ${new Date(newest.at).toISOString()}`
  }

  return {
    began() {
      running = true
    },
    succeeded(success) {
      newest = success
      warnings = []
      lastFailure = undefined
      due = undefined
      running = false
      successes += 1
    },
    warned(message) {
      warnings.push(message)
    },
    failed(failure) {
      lastFailure = failure
      running = false
      failures += 1
    },
    lacking(now) {
      broken = now
    },
    drilled(result) {
      lastDrill = result
      if (result.ok) lastDrillSuccess = result.at
    },
    reaches(since) {
      recoverableSince = since
    },
    stopped() {
      running = false
    },
    look(now) {
      const runs = nextRuns()
      if (next !== undefined && now >= next) due ??= next
      next = nextBackup(runs)
      const reason = reasonAt(now)
      return {
        healthy: reason === null,
        reason,
        lastSuccess: newest,
        age: newest === undefined ? undefined : ageAt(newest, now),
        lastFailure,
        lastDrill,
        lastDrillSuccess,
        drillAge: lastDrillSuccess === undefined ? undefined : now - lastDrillSuccess,
        successes,
        failures,
        running,
        warnings: [...warnings],
        recoverableSince,
        broken,
        nextRuns: runs,
      }
    },
  }
}
