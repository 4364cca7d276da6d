import type { SentNotice } from '@s3db-backup/ui'
import type { Delivery } from './notifier.js'

/** The answers of notification receivers, newest first. */
export interface RecentDeliveries {
  add(delivery: Delivery): void
  lines(): readonly SentNotice[]
}

/** More are not remembered. */
const most = 200

export function recentDeliveries(now: () => Date = () => new Date()): RecentDeliveries {
  const lines: SentNotice[] = []
  return {
    add({ to, event, ok, status, reason, attempts }) {
      const said = ok ? `it answered ${status}` : `${reason} (${attempts} tried)`
      lines.unshift({ at: now().toISOString(), to, event, ok, said })
      if (lines.length > most) lines.pop()
    },
    lines: () => lines,
  }
}
