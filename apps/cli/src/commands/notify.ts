import { BackupError } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'
import { Argument, type Command, Option } from 'commander'
import { type PlaceOptions, withPlace } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import type { Told } from '../notify/notification.js'
import { type Delivery, notifier } from '../notify/notifier.js'
import { readTargets } from '../notify/notify-options.js'
import type { Session } from '../session.js'

interface NotifyTestOptions extends PlaceOptions {
  readonly as: Told['event']
}

const examples = `
Sends a test to the configured heartbeat and webhook, and prints their answers.
A monitor counts it as a backup: a success by default.

Examples:
  s3db-backup notify test
  s3db-backup notify test --as failure --config /etc/s3db-backup.json --json`

export function notifyCommand(command: Command, session: Session): void {
  withPlace(command.addArgument(new Argument('<what>', 'send a test').choices(['test'])))
    .addOption(
      new Option('--as <event>', 'the event to send')
        .choices(['start', 'success', 'failure'])
        .default('success'),
    )
    .addHelpText('after', examples)
    .action((_: string, options: NotifyTestOptions) => notifyTest(session, options))
}

/** `s3db-backup notify test`: tests the receivers of notifications. Exits with 5 if one fails. */
export async function notifyTest(session: Session, options: NotifyTestOptions): Promise<void> {
  const { terminal } = session
  const { notify } = await readSettings(options, terminal)
  if (notify?.heartbeat === undefined && notify?.webhook === undefined) throw nobody()
  const told = notifier(await readTargets(notify, terminal.redactor))
  const error = { code: 'internal', meaning: errorTable.internal.meaning }
  told.tell({
    event: options.as,
    operation: 'backup',
    test: true,
    error: options.as === 'failure' ? error : null,
  })
  const deliveries = await told.settled()
  if (terminal.json) terminal.document({ deliveries })
  else if (!terminal.quiet) for (const delivery of deliveries) terminal.print(inWords(delivery))
  const undelivered = deliveries.filter(({ ok }) => !ok)
  if (undelivered.length > 0) throw notTold(undelivered)
}

function inWords({ to, ok, status, reason, attempts }: Delivery): string {
  return ok ? `✓ ${to}: it answered ${status}` : `✗ ${to}: ${reason} (${attempts} tried)`
}

function nobody(): BackupError {
  return new BackupError('invalid_options', 'No heartbeat or webhook is configured', {
    operation: 'validateConfig',
    suggestion:
      'Give notify in the configuration file, such as "notify": { "heartbeat": { "env": "HEARTBEAT_URL" } }.',
  })
}

function notTold(undelivered: readonly Delivery[]): BackupError {
  const whom = undelivered.map(({ to, reason }) => `the ${to}: ${reason}`).join('; ')
  return new BackupError('unavailable', `Some notifications failed: ${whom}`, {
    operation: 'connect',
    suggestion: 'Check the address in the configuration, and the logs of the receiver.',
  })
}
