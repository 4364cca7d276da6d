import type { Terminal } from '../terminal.js'
import { counted } from '../units.js'

/** Notes how many versions lie so close to a moment that the storage's clock decides on which side they are. */
export function noteNear(terminal: Terminal, near: number | undefined): void {
  if (near === undefined || near === 0) return
  const [they, side] = near === 1 ? ['was', 'it falls'] : ['were', 'they fall']
  terminal.note(
    `${counted(near, 'version')} ${they} written within two seconds of that time; the storage's clock decides which side ${side} on.`,
  )
}
