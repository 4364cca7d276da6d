import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import type { Session } from '../session.js'
import type { Notifier } from './notifier.js'
import { endOf, failureOf, interrupted, toldOf } from './told.js'

/** Makes one backup, sends notifications of its start and end, and waits until they are sent. Errors are passed on. */
export async function notifying(
  { terminal, signal, strict = false }: Session,
  notifier: Notifier | undefined,
  verified: boolean,
  work: () => Promise<PluginBackup>,
): Promise<void> {
  notifier?.tell({ event: 'start', operation: 'backup' })
  try {
    const made = await work()
    const end = endOf(terminal.warnings, strict)
    notifier?.tell({ ...end, operation: 'backup', backup: toldOf(made, verified) })
  } catch (error) {
    const stopped = signal.aborted && error === signal.reason
    const cause = stopped ? interrupted : failureOf(error)
    notifier?.tell({ event: 'failure', operation: 'backup', error: cause })
    throw error
  } finally {
    await notifier?.settled()
  }
}
