import * as z from 'zod'
import { openCatalog } from './catalog.js'
import type { Call, Driver } from './driver.js'
import { during } from './errors.js'
import { guard } from './guard.js'
import { fileKey, manifestFile, startedFile } from './layout.js'
import { isFunction, isObject, parseOptions } from './options.js'
import { removeDirectory } from './remove.js'
import { leastGrace } from './started.js'
import { type Unfinished, unfinished } from './unfinished.js'

/** After this time a backup without a manifest counts as abandoned, in ms: a day. */
export const defaultGrace = 24 * 60 * 60 * 1000

export interface SweepOptions {
  readonly driver: Driver
  /** How old an unfinished backup must be to count as abandoned, in ms. At least an hour; default a day. */
  readonly graceMs?: number | undefined
  /** Only say what would be removed. Default `false`. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** The clock. For tests. */
  readonly now?: (() => Date) | undefined
}

export interface SweepReport {
  /** Abandoned, and removed; in a dry run, what would be. */
  readonly swept: readonly Unfinished[]
  /** Begun and not finished, and left alone: too young, or all that there is. */
  readonly left: readonly Unfinished[]
}

/**
 * Removes what backups left behind whose process died: directories with a note of their start and no manifest,
 * older than the grace time. A directory with a manifest is never touched, damaged or not. Where the
 * destination has no backup at all, the newest unfinished one stays: its parts may be all that is left of a
 * database.
 *
 * The note goes first, and the directory is looked at again: a backup that is still running after all then
 * either has its manifest, and stays, or finds its note gone, and fails. Interrupted, what remains has no note
 * and is no backup; `remove` takes it away.
 *
 * @throws BackupError `invalid_options`, and what the storage says. After an abort rejects with `signal.reason`.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const given = parseOptions(optionsSchema, options, { what: 'sweep options', operation: 'cleanup' })
  const call: Call = { signal: given.signal ?? new AbortController().signal }
  const driver = guard(given.driver)
  try {
    const all = await unfinished({ driver, signal: call.signal })
    if (all.length === 0) return { swept: [], left: [] }
    const now = (given.now?.() ?? new Date()).getTime()
    const abandoned = all.filter(({ startedAt }) => now - Date.parse(startedAt) >= given.graceMs)
    const last = (await hasBackups(driver, call)) ? undefined : all.at(-1)
    const swept: Unfinished[] = []
    for (const entry of abandoned) {
      if (entry !== last && (given.dryRun || (await sweepOne(driver, entry, call)))) swept.push(entry)
    }
    return { swept, left: all.filter((entry) => !swept.includes(entry)) }
  } catch (error) {
    call.signal.throwIfAborted()
    throw during('cleanup', error)
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>(isObject, 'a driver is needed'),
  graceMs: z.number().min(leastGrace).default(defaultGrace),
  dryRun: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  now: z.custom<() => Date>(isFunction, 'must be a function').optional(),
})

async function hasBackups(driver: Driver, { signal }: Call): Promise<boolean> {
  return (await openCatalog(driver).list({ signal })).backups.length > 0
}

/** Whether it was removed: not if its manifest has come in the meantime. */
async function sweepOne(driver: Driver, { directory }: Unfinished, call: Call): Promise<boolean> {
  await driver.delete(fileKey(directory, startedFile), call)
  const manifest = fileKey(directory, manifestFile)
  for await (const { key } of driver.list(manifest, call)) if (key === manifest) return false
  await removeDirectory(driver, directory, call)
  return true
}
