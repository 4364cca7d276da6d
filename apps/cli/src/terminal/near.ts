import type { Terminal } from './terminal.js'
import { counted } from './units.js'

/** Of a moment it is told how many versions lie so near to it that the storage's clock decides. */
export function noteNear(terminal: Terminal, near: number | undefined): void {
  if (near === undefined || near === 0) return
  const [they, side] = near === 1 ? ['was', 'it falls'] : ['were', 'they fall']
  terminal.note(
    `${counted(near, 'version')} ${they} written within two seconds of that time; the storage's clock decides which side ${side} on.`,
  )
}
