import type { Keeping } from './as-of.js'
import { type BucketVersioning, expiredBefore } from './bucket-versioning.js'
import type { VersionsPage } from './list-versions.js'
import { type ListedVersion, nullVersion } from './parse-versions.js'

/** What the versions of a bucket do not say about a moment. */
export interface Gaps extends Keeping {
  /** Why there may have been records that left no trace, in sentences. */
  readonly doubts: readonly string[]
}

/** The versions of the present tell everything. */
export const noGaps: Gaps = { expiredBefore: undefined, rules: undefined, unversioned: false, doubts: [] }

/**
 * What may be missing of a moment (ms since 1970). `definitions` is the version of them at that time, `pages` are the
 * versions of the whole database: they are listed only if the definitions alone do not show that versioning was on.
 */
export async function gapsAt(
  at: number,
  versioning: BucketVersioning,
  definitions: ListedVersion,
  pages: () => AsyncIterable<VersionsPage>,
): Promise<Gaps> {
  const before = expiredBefore(versioning)
  const rules = rulesOf(versioning)
  const unversioned = !isProof(definitions, at) && !(await wasVersioned(at, pages()))
  return {
    ...{ expiredBefore: before, rules, unversioned },
    doubts: [
      ...(before === undefined || at >= before
        ? []
        : [`${rules}: what was deleted before ${new Date(before).toISOString()} may have left no trace`]),
      ...(unversioned
        ? [
            `versioning may have been off at ${new Date(at).toISOString()}: what was deleted before it was turned on has left no trace`,
          ]
        : []),
    ],
  }
}

function rulesOf({ noncurrentDays, rulesKnown }: BucketVersioning): string | undefined {
  if (!rulesKnown)
    return 'whether a lifecycle rule removes versions is unknown without s3:GetLifecycleConfiguration'
  if (noncurrentDays === undefined) return undefined
  return `a lifecycle rule removes versions ${noncurrentDays} days after they were overwritten or deleted`
}

/** A version with a name was written while versioning was on. Whoever suspends it later leaves traces. */
function isProof({ versionId, modified }: ListedVersion, at: number): boolean {
  return versionId !== nullVersion && modified <= at
}

async function wasVersioned(at: number, pages: AsyncIterable<VersionsPage>): Promise<boolean> {
  for await (const { entries } of pages) if (entries.some((entry) => isProof(entry, at))) return true
  return false
}
