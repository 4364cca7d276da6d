import type { CaseResult } from '@s3db-backup/driver-testkit'
import type { ProgressMode } from '../config/command-options.js'
import type { Terminal } from './terminal.js'

/** Between two pictures of a moving line, in ms. */
const frame = 100

/** Shows how far a check of cases is: as a live line, as a line of JSON for each, or not at all. */
export function watchCases(
  terminal: Terminal,
  { total, mode }: { readonly total: number; readonly mode: ProgressMode },
): { add(result: CaseResult): void; stop(): void } {
  let [done, failed] = [0, 0]
  let last = ''
  const draw = () => {
    const failures = failed === 0 ? '' : terminal.errorColors.red(` ${failed} failed`)
    const room = terminal.live.width() - 40
    terminal.live.show(
      `Checking ${done} of ${total} cases${failures}  ${terminal.errorColors.dim(last.slice(0, Math.max(0, room)))}`,
    )
  }
  const moving = mode === 'auto' && terminal.watched && !terminal.quiet && !terminal.json
  if (moving) draw()
  const timer = moving ? setInterval(draw, frame) : undefined
  return {
    add(result) {
      done += 1
      if (result.status === 'failed') failed += 1
      last = result.title
      const { id, title, status, duration, reason } = result
      if (mode === 'json') terminal.event({ event: 'case', done, total, id, title, status, duration, reason })
    },
    stop() {
      clearInterval(timer)
      terminal.live.clear()
    },
  }
}
