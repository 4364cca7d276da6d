import type { Control, Destination } from '../backup/backup-run.js'
import { fileKey, indexOfReceipt, leasePrefix, planFile, shardOfPart } from '../format/layout.js'
import type { Attempt } from '../inventory/attempt.js'
import type { Manifest } from '../manifest.js'
import type { PlanHead } from './find-plan.js'

/**
 * Removes the leftovers of a committed backup: parts of losing attempts, receipts, and the plan last, so that an
 * interrupted removal is found and finished. Files that cannot be removed do no harm, and are reported by an event.
 */
export async function clearAway(
  { driver, directory, call, id, onEvent }: Attempt & Destination & Control,
  { parts }: Manifest,
  { lease }: PlanHead,
): Promise<void> {
  const named = new Set(parts.map(({ file }) => file))
  const left: string[] = []
  try {
    for await (const { key } of driver.list(`${directory}/`, call)) {
      const file = key.slice(directory.length + 1)
      if (isOfTheMaking(file) && !named.has(file)) left.push(key)
    }
    for (const key of [...left]) {
      await driver.delete(key, call)
      left.splice(left.indexOf(key), 1)
    }
    if (lease?.startsWith(leasePrefix)) await driver.delete(lease, call)
    await driver.delete(fileKey(directory, planFile), call)
  } catch (error) {
    call.signal.throwIfAborted()
    onEvent({ type: 'leftover', id, keys: [...left, fileKey(directory, planFile)], error })
  }
}

function isOfTheMaking(file: string): boolean {
  return indexOfReceipt(file) !== undefined || shardOfPart(file) !== undefined
}
