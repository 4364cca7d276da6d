import { BackupError, isBackupError } from '@s3db-backup/core'
import type { PluginContext } from '../context/plugin-context.js'
import type { HookName } from '../options/plugin-options.js'

/**
 * Runs the hook that comes before the work, if there is one, and waits for it. What it throws stops the work:
 * that is how a hook says no. Anything but a `BackupError` becomes one, with what was thrown as its `cause`.
 */
export async function runHook(
  context: PluginContext,
  name: HookName,
  subject: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await context.config[name]?.(subject, details)
  } catch (error) {
    if (isBackupError(error)) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new BackupError('internal', `The hook ${name} failed: ${message}`, {
      operation: name === 'onRestoreStart' ? 'restore' : 'backup',
      suggestion: `Mend ${name}, or let it end without an error if the work is to go on.`,
      metadata: { hook: name },
      cause: error,
    })
  }
}

/** Runs a hook that comes after the work is done: its failure is reported and changes nothing. */
export async function runLateHook(
  context: PluginContext,
  name: HookName,
  subject: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  try {
    await runHook(context, name, subject, details)
  } catch (error) {
    context.logger()?.warn({ error, hook: name }, 'a backup hook failed')
    context.announce('plg:backup:hook-error', { hook: name, error })
  }
}
