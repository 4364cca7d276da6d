import type { Policy } from '@s3db-backup/retention'
import type { Announce, Logger } from './announce.js'
import type { Database } from './database.js'
import type { Destination } from './destination.js'
import type { HookName, PluginConfig } from './plugin-options.js'
import type { Running } from './running.js'

/** What the plugin's methods share. */
export interface PluginContext {
  readonly config: PluginConfig
  readonly destination: Destination
  /** Which backups are kept. Keeps everything if no policy was given. */
  readonly policy: Policy
  readonly running: Running
  readonly announce: Announce
  /** The database, if the plugin is installed in one. */
  database(): Database | undefined
  logger(): Logger | undefined
}

/** Runs one of the user's hooks, if there is one, and waits for it. Throws what it throws. */
export async function runHook(
  context: PluginContext,
  name: HookName,
  subject: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await context.config[name]?.(subject, details)
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
