import { BackupError, isBackupError } from '@s3db-backup/core'
import type { Hook, HookName } from '../options/plugin-options.js'
import type { Reporting } from './announce.js'

export type Hooks = Readonly<Partial<Record<HookName, Hook | undefined>>>

/**
 * Runs the hook before the work, if there is one, and waits for it. If it throws, the work stops: that is how a hook
 * refuses. Anything but a `BackupError` becomes one, with the thrown value as its `cause`.
 */
export async function runHook(
  hooks: Hooks,
  name: HookName,
  subject: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await hooks[name]?.(subject, details)
  } catch (error) {
    if (isBackupError(error)) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new BackupError('internal', `The hook ${name} failed: ${message}`, {
      operation: name === 'onRestoreStart' ? 'restore' : 'backup',
      suggestion: `Fix ${name}, or catch its error if the work should go on.`,
      metadata: { hook: name },
      cause: error,
    })
  }
}

/** Runs a hook that comes after the work is done: its failure is reported and changes nothing. */
export async function runLateHook(
  { config: hooks, logger, announce }: Reporting & { readonly config: Hooks },
  name: HookName,
  subject: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await runHook(hooks, name, subject, details)
  } catch (error) {
    logger()?.warn({ error, hook: name }, 'a backup hook failed')
    announce('plg:backup:hook-error', { hook: name, error })
  }
}
