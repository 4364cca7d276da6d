import { createHmac } from 'node:crypto'
import * as z from 'zod'

/** The operation. */
const operations = ['backup', 'drill', 'prune'] as const

/**
 * The body of the webhook. It holds no names or ids of records and resources, no keys, no addresses, and no text that a
 * storage or a database said. Fields may be added.
 */
export const notificationSchema = z.strictObject({
  version: z.literal(1),
  event: z.enum(['start', 'success', 'failure']),
  operation: z.enum(operations),
  /** `notify.name` of the configuration. */
  name: z.string().nullable(),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** Whether it is a test: nothing was backed up. */
  test: z.boolean(),
  /** The entries of the schedule that it was done for; none for a single command. */
  schedule: z.array(z.string()),
  /** The backup that was made or drilled. Sizes in bytes, times in ms. */
  backup: z
    .strictObject({
      id: z.string(),
      type: z.string().nullable(),
      records: z.int().nullable(),
      bytes: z.int().nullable(),
      durationMs: z.number().nullable(),
      /** Whether it was read back after it was written. */
      verified: z.boolean().nullable(),
    })
    .nullable(),
  /** How many backups a retention policy removed. */
  removed: z.int().nullable(),
  /** How much there was to warn of. */
  warnings: z.int(),
  /** The cause of a failure: a code of the error table and its meaning, or `interrupted`. */
  error: z.strictObject({ code: z.string(), meaning: z.string() }).nullable(),
})

export type Notification = z.output<typeof notificationSchema>

/** What there is to say of one notification. The rest is empty. */
export type Told = Pick<Notification, 'event' | 'operation'> &
  Partial<Omit<Notification, 'version' | 'at' | 'name'>>

export function notification(told: Told, name: string | undefined, now: Date): Notification {
  return {
    version: 1,
    at: now.toISOString(),
    name: name ?? null,
    test: false,
    schedule: [],
    backup: null,
    removed: null,
    warnings: 0,
    error: null,
    ...told,
  }
}

/**
 * The headers that let the receiver check who sent a body and when (https://www.standardwebhooks.com): HMAC-SHA-256 over
 * id, time and body. The id stays the same when a delivery is repeated.
 */
export function signed(
  body: string,
  { id, secret, now }: { readonly id: string; readonly secret: Uint8Array; readonly now: Date },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
