import type { Link } from '../chain/read-index.js'
import { type BackupError, isBackupError } from '../errors.js'
import { storedSize } from '../format/manifest/stored-size.js'
import type { Part } from '../manifest.js'
import { guard } from '../ports/guard.js'
import type { VerifyLevel, VerifyReport } from '../ports/verify-report.js'
import { ordered } from '../streams/ordered.js'
import { type Findings, isProblem, startFindings } from './findings.js'
import { type Asked, type OpenOutcome, openAsked } from './open-asked.js'
import { allParts, compareSizes, readParts } from './read-parts.js'
import { removedBackup, removedMeanwhile } from './removed-meanwhile.js'
import {
  type CheckedVerify,
  parseVerifyAllOptions,
  parseVerifyOptions,
  type VerifyAllOptions,
  type VerifyOptions,
} from './verify-options.js'

/** Directories that are listed at once. */
const listingsInFlight = 16

/** The outcome for one of several backups: a report, or the reason why there is none. */
export type VerifyOutcome =
  | { readonly id: string; readonly report: VerifyReport }
  | { readonly id: string; readonly error: BackupError }

/**
 * Checks that a backup can be restored. With the level `full` it checks all that `restore` checks before it writes, so
 * a backup that verifies can be restored, and one that does not is refused: the backup and what it needs of its
 * ancestors are read, every part once. All parts are checked, even after one is found damaged.
 *
 * A backup that is removed meanwhile is not damaged, but `not_found`; a key file that a rotation removes is not missed.
 *
 * Resolves with a report; rejects with `not_found` or `corrupt` if there is no manifest to check against, with
 * `undecryptable` if the key is missing or wrong, with `conflict` for a plain backup where encryption is given,
 * with `unsupported` if a codec is missing, and with what the storage says if it cannot be read at all.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const [outcome] = await verifyParsed(parseVerifyOptions(options))
  if (outcome !== undefined && 'report' in outcome) return outcome.report
  throw outcome?.error
}

/**
 * {@link verify} for several backups at once. Shared parts are read once. Resolves with an outcome for each, in the
 * order of `ids`; rejects only on abort and for wrong options.
 */
export function verifyAll(options: VerifyAllOptions): Promise<VerifyOutcome[]> {
  return verifyParsed(parseVerifyAllOptions(options))
}

async function verifyParsed(options: CheckedVerify): Promise<VerifyOutcome[]> {
  const { driver: unguarded, level, signal } = options
  const outcomes = await openAsked({ ...options, driver: guard(unguarded) })
  const asked = outcomes.filter((outcome): outcome is Asked => !('error' in outcome))
  const findings = startFindings()
  const note = (link: Link, error: unknown) => {
    signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    findings.add(link, error)
  }
  const parts = allParts(asked)
  const compare = async ([link, wanted]: [Link, ReadonlySet<Part>]) => ({
    link,
    errors: await compareSizes(link, [...wanted]).catch((error: unknown) => [error]),
  })
  for await (const { link, errors } of ordered(parts, listingsInFlight, compare))
    for (const error of errors) note(link, error)
  if (level !== 'quick') await readParts(asked, parts, { ...options, findings, note })
  const removed = await removedMeanwhile(asked, findings, { signal })
  return outcomes.map((outcome) =>
    removed.has(outcome.id)
      ? { id: outcome.id, error: removedBackup(outcome.id) }
      : outcomeOf(outcome, findings, level),
  )
}

function outcomeOf(outcome: OpenOutcome, findings: Findings, level: VerifyLevel): VerifyOutcome {
  const { id } = outcome
  if ('error' in outcome) return { id, error: outcome.error.with({ operation: 'verify' }) }
  const { newest, manifestBytes, broken, chain, parts, copies } = outcome
  const found = [...(broken === undefined ? [] : [broken]), ...findings.of(outcome)]
  const failure = found.find((error) => error !== broken && !isProblem(error))
  if (failure !== undefined) return { id, error: failure.with({ operation: 'verify' }) }
  const own = parts.get(newest) ?? []
  return {
    id,
    report: {
      id,
      level,
      ok: found.length === 0,
      ancestors: chain.slice(0, -1).map(({ manifest }) => manifest.id),
      files: own.length,
      bytes: storedSize({ manifest: newest.manifest, manifestBytes }),
      records: Object.values(newest.manifest.resources).reduce(
        (sum, { recordCount }) => sum + recordCount,
        0,
      ),
      ...(copies.length === 0 ? {} : { copies }),
      problems: found.map((problem) => problem.with({ operation: 'verify' })),
    },
  }
}
