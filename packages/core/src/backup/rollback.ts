import { BackupError } from '../errors.js'
import type { Attempt } from '../inventory/attempt.js'
import { noteFailure } from '../inventory/failure-note.js'
import type { Call, Driver } from '../ports/driver.js'
import type { Control, Destination } from './backup-run.js'
import { claimedByAnother } from './claim.js'

/** What is rolled back. */
type Writing = Attempt & Destination & Control

/** How long one step of the rollback may take, in ms. A storage that has not answered by then is taken to be gone. */
const longestStep = 10_000

/**
 * Does the work; if it fails, leaves a note of that and removes what was written, the manifest before what it
 * names and the note of the start last.
 */
export async function takingBackOnFailure<T>(run: Writing, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure = run.call.signal.aborted ? run.call.signal.reason : error
    if (run.keys.length > 0) await takeBack(run, failure)
    throw failure
  }
}

async function takeBack(run: Writing, failure: unknown): Promise<void> {
  const { driver, keys, id, onEvent } = run
  const remaining = [...keys]
  try {
    if (await belongsToAnother(run, failure)) return
    const noted = await couldNote(run, failure)
    // In reverse order: the manifest was started last, and without it the rest is not a backup.
    for (let key = remaining.at(-1); key !== undefined; key = remaining.at(-1)) {
      const gone = key
      await inTime(driver, `${gone} could not be removed`, (call) => driver.delete(gone, call))
      remaining.pop()
    }
    // A full disk may have room again.
    if (!noted) await couldNote(run, failure)
  } catch (error) {
    try {
      onEvent({ type: 'leftover', id, keys: remaining, error })
    } catch {
      // The caller must learn why the backup failed; a failing listener adds nothing to that.
    }
  }
}

/** A start note whose writing failed may be another's by now. More keys than that are begun by its owner alone. */
async function belongsToAnother(run: Writing, failure: unknown): Promise<boolean> {
  try {
    return await inTime(run.driver, 'Could not read the destination', (call) =>
      claimedByAnother(run.driver, run, call),
    )
  } catch (error) {
    if (run.keys.length > 1) return false
    // With several destinations the others can take the note. It names this run, so it cannot be mistaken for
    // another's.
    await couldNote(run, failure)
    throw error
  }
}

/** Whether the note was stored. A failure to do so is not reported: the destination reports it by failing. */
async function couldNote(run: Writing, error: unknown): Promise<boolean> {
  const { driver, cancelled, now } = run
  const failure = { error, cancelled: cancelled(), at: now() }
  const noting = inTime(driver, 'Could not store the failure note', (call) =>
    noteFailure(driver, run, failure, call),
  )
  return noting.then(
    () => true,
    () => false,
  )
}

/** The backup's own signal may have aborted; taking back has its own. */
async function inTime<T>(driver: Driver, what: string, work: (call: Call) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const message = `${what} within ${longestStep / 1000} s`
  const tooLate = new BackupError('unavailable', message, { operation: 'delete', driver: driver.name })
  const timer = setTimeout(() => controller.abort(tooLate), longestStep)
  try {
    return await work({ signal: controller.signal })
  } finally {
    clearTimeout(timer)
  }
}
