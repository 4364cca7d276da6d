import { randomUUID } from 'node:crypto'
import { version } from '../version.js'
import { deliver, type Outcome, type Request } from './deliver.js'
import { type Notification, notification, signed, type Told } from './notification.js'
import type { NotifyTargets } from './notify-options.js'

/** What became of one delivery. */
export interface Delivery extends Outcome {
  readonly to: 'heartbeat' | 'webhook'
  readonly event: Notification['event']
}

/** Tells a heartbeat monitor and a webhook how work goes. Nothing that fails here fails the work. */
export interface Notifier {
  /** Sends it, after what is still being sent. Does not wait, and never throws. */
  tell(told: Told): void
  /** Waits until everything is sent or abandoned, and returns the outcomes. */
  settled(): Promise<readonly Delivery[]>
}

/** The heartbeat is about backups, and about drills that fail: `/start`, the address itself, `/fail`. */
const endings = { start: '/start', success: '', failure: '/fail' } as const

export function notifier(
  targets: NotifyTargets,
  {
    now = () => new Date(),
    onUndelivered,
    onDelivery,
  }: {
    readonly now?: (() => Date) | undefined
    readonly onUndelivered?: ((delivery: Delivery) => void) | undefined
    /** Told of each delivery once it has ended, well or not. */
    readonly onDelivery?: ((delivery: Delivery) => void) | undefined
  } = {},
): Notifier {
  const deliveries: Delivery[] = []
  const last: Record<Delivery['to'], Promise<void>> = {
    heartbeat: Promise.resolve(),
    webhook: Promise.resolve(),
  }
  const queue = (to: Delivery['to'], event: Delivery['event'], request: Request) => {
    last[to] = last[to].then(async () => {
      const delivery = { to, event, ...(await deliver(request)) }
      deliveries.push(delivery)
      onDelivery?.(delivery)
      if (!delivery.ok) onUndelivered?.(delivery)
    })
  }
  return {
    tell(told) {
      const { name, heartbeat, webhook } = targets
      const { event, operation } = told
      if (
        heartbeat !== undefined &&
        (operation === 'backup' || (operation === 'drill' && event === 'failure'))
      )
        queue('heartbeat', event, {
          url: beside(heartbeat, endings[event]),
          method: 'GET',
          headers: () => agent,
        })
      if (webhook === undefined) return
      const { url, secret } = webhook
      const body = JSON.stringify(notification(told, name, now()))
      const id = `msg_${randomUUID()}`
      queue('webhook', event, {
        ...{ url, method: 'POST', body },
        headers: () => ({
          ...agent,
          'content-type': 'application/json',
          ...signed(body, { id, secret, now: now() }),
        }),
      })
    },
    async settled() {
      await Promise.all(Object.values(last))
      return deliveries
    },
  }
}

const agent = { 'user-agent': `s3db-backup/${version}`, 'cache-control': 'no-store' }

function beside(url: URL, ending: string): URL {
  const told = new URL(url)
  if (ending !== '') told.pathname = `${url.pathname.replace(/\/$/, '')}${ending}`
  return told
}
