import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { readReference, referenceSchema } from '../config/reference.js'

/** `notify` in the configuration: the receivers of notifications. Addresses and the secret are secrets. */
export const notifySchema = z.strictObject({
  /** What notifications call this machine or database. */
  name: z.string().min(1).max(200).optional(),
  /** The address of a heartbeat monitor. */
  heartbeat: referenceSchema.optional(),
  webhook: z.strictObject({ url: referenceSchema, secret: referenceSchema }).optional(),
})

export type NotifyOptions = z.output<typeof notifySchema>

/** The same with what its references stand for. */
export interface NotifyTargets {
  readonly name: string | undefined
  readonly heartbeat: URL | undefined
  readonly webhook: { readonly url: URL; readonly secret: Uint8Array } | undefined
}

/** Shorter secrets can be guessed. */
const shortestSecret = 16

/**
 * Reads what the references stand for, and hides it from now on.
 *
 * @throws BackupError `invalid_options` for an address that is none, is not https, or holds a user and password.
 */
export async function readTargets(options: NotifyOptions, redactor: Redactor): Promise<NotifyTargets> {
  const read = async (reference: z.output<typeof referenceSchema>, what: string) => {
    const text = await readReference(reference, what)
    redactor.hide(text)
    return text
  }
  const { name, heartbeat, webhook } = options
  return {
    name,
    heartbeat:
      heartbeat === undefined
        ? undefined
        : addressIn(await read(heartbeat, 'notify.heartbeat'), 'notify.heartbeat', redactor),
    webhook:
      webhook === undefined
        ? undefined
        : {
            url: addressIn(await read(webhook.url, 'notify.webhook.url'), 'notify.webhook.url', redactor),
            secret: secretIn(await read(webhook.secret, 'notify.webhook.secret')),
          },
  }
}

function addressIn(text: string, what: string, redactor: Redactor): URL {
  if (!URL.canParse(text)) throw refused(`${what} is not an address`, 'Start it with https://.')
  const url = new URL(text)
  // Anyone who knows the path can ping or post, so it is the secret.
  redactor.hide(url.href, `${url.host}${url.pathname}${url.search}`, url.pathname, url.search)
  redactor.hide(...url.pathname.split('/'), ...url.searchParams.values())
  if (url.username !== '' || url.password !== '')
    throw refused(`${what} contains a user name or a password`, 'Put the secret into the path or the query.')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    throw refused(`${what} is not https`, 'Plain http is allowed for this machine only.')
  return url
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** As in Standard Webhooks, base64 after `whsec_`; any other text is used unchanged. */
function secretIn(text: string): Uint8Array {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  const secret = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64')
  if (secret.length >= shortestSecret) return secret
  throw refused(
    `notify.webhook.secret is shorter than ${shortestSecret} bytes`,
    `Make one: echo "whsec_$(openssl rand -base64 32)".`,
  )
}

function refused(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'validateConfig', suggestion })
}
