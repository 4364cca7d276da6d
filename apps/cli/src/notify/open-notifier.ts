import type { Settings } from '../config/settings.js'
import type { Terminal } from '../terminal/terminal.js'
import { type Delivery, type Notifier, notifier } from './notifier.js'
import { readTargets } from './notify-options.js'

/**
 * The notifier of the configuration, if there is one. A failed delivery is reported, and is not a failure of the
 * command.
 */
export async function openNotifier(
  { notify }: Pick<Settings, 'notify'>,
  terminal: Terminal,
  onDelivery?: ((delivery: Delivery) => void) | undefined,
): Promise<Notifier | undefined> {
  if (notify === undefined) return undefined
  const targets = await readTargets(notify, terminal.redactor)
  return notifier(targets, { onDelivery, onUndelivered: (delivery) => complain(terminal, delivery) })
}

function complain(terminal: Terminal, { to, event, attempts, status, reason }: Delivery): void {
  if (terminal.json) terminal.event({ event: 'notify-error', to, about: event, attempts, status, reason })
  else
    terminal.note(
      `${terminal.errorColors.yellow('!')} Could not notify the ${to} of the ${event}: ${reason}.`,
    )
}
