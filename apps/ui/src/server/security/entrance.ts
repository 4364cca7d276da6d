import { BackupError } from '@s3db-backup/core'
import { isLoopback } from './allowed-hosts.js'
import type { TrustedProxy } from './trusted-proxy.js'

/** How people get in. */
export interface EntranceOptions {
  readonly host: string
  /** Asked for instead of the link. */
  readonly password?: string | undefined
  readonly trustProxy?: TrustedProxy | undefined
}

/** A password that is shorter is guessed. */
const shortest = 12

/**
 * Away from loopback, a link on a terminal is no way in: others see the network.
 *
 * @throws BackupError `invalid_options` if there is neither a password nor a proxy, or the password is short.
 */
export function checkEntrance({ host, password, trustProxy }: EntranceOptions): void {
  if (password !== undefined && password.length < shortest)
    throw new BackupError('invalid_options', `The password has fewer than ${shortest} characters`, {
      operation: 'validateConfig',
      suggestion: 'Make one with: openssl rand -base64 24',
    })
  if (isLoopback(host) || password !== undefined || trustProxy !== undefined) return
  throw new BackupError(
    'invalid_options',
    `Others can reach the page on ${host}, and it has no authentication`,
    {
      operation: 'validateConfig',
      suggestion:
        'Give --password-file, or --trust-proxy with the address of a proxy that authenticates users; or leave out --host.',
    },
  )
}

/** Warnings about a server that others can reach, in sentences. */
export function whatItDoesNotDo({ host }: EntranceOptions): string[] {
  if (isLoopback(host)) return []
  return [
    'This server does not use TLS: everything it sends, including records, can be read on the network.',
    'Put a proxy with TLS in front of it. Without one, browsers refuse its cookie, and nobody can sign in.',
  ]
}
