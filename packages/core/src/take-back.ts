import type { Run } from './backup-run.js'
import type { Driver } from './driver.js'
import { BackupError } from './errors.js'

/** How long the removal of one object may take; a storage that does not answer by then will not. In ms. */
const longestDelete = 10_000

/** Does the work; if it fails, removes what was written, the manifest before what it names. */
export async function takingBackOnFailure<T>(run: Run, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await takeBack(run)
    throw run.call.signal.aborted ? run.call.signal.reason : error
  }
}

async function takeBack({ driver, keys, id, onEvent }: Run): Promise<void> {
  const remaining = [...keys]
  try {
    // Backwards: the manifest was begun last. Without it what remains is no backup.
    for (let key = remaining.at(-1); key !== undefined; key = remaining.at(-1)) {
      await deleteInTime(driver, key)
      remaining.pop()
    }
  } catch (error) {
    try {
      onEvent({ type: 'leftover', id, keys: remaining, error })
    } catch {
      // What made the backup fail is what its caller must learn; a listener that fails too adds nothing.
    }
  }
}

/** The backup's own signal may have aborted; taking back has its own. */
async function deleteInTime(driver: Driver, key: string): Promise<void> {
  const controller = new AbortController()
  const message = `${key} could not be removed within ${longestDelete / 1000} s`
  const tooLate = new BackupError('unavailable', message, { operation: 'delete', driver: driver.name })
  const timer = setTimeout(() => controller.abort(tooLate), longestDelete)
  try {
    await driver.delete(key, { signal: controller.signal })
  } finally {
    clearTimeout(timer)
  }
}
