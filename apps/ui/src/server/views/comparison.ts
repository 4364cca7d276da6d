import { isBackupError } from '@s3db-backup/core'
import type { Comparison } from '../../api/backups.js'
import type { Page } from '../page.js'

/** Differences that are named at most. */
const sampleSize = 100
/** Differences that are counted at most. */
const counted = 200_000

/** How many records differ between two backups, by resource, and a sample of them. */
export async function compared(
  { plugin }: Page,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<Comparison> {
  const resources = new Map<string, { added: number; changed: number; removed: number }>()
  const sample: Comparison['sample'] = []
  let seen = 0
  let unknown: string | null = null
  try {
    for await (const { resource, id, change } of plugin.diff(from, to, { signal })) {
      const counts = resources.get(resource) ?? { added: 0, changed: 0, removed: 0 }
      counts[change] += 1
      resources.set(resource, counts)
      if (sample.length < sampleSize) sample.push({ resource, id, change })
      seen += 1
      if (seen >= counted) break
    }
  } catch (error) {
    // It comes after all differences.
    if (!isBackupError(error, 'incomplete')) throw error
    unknown = error.message
  }
  return {
    ...{ from, to, sample },
    resources: [...resources].map(([name, counts]) => ({ name, ...counts })),
    cut: seen >= counted,
    unknown,
  }
}
