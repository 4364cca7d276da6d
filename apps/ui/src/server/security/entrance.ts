import { BackupError } from '@s3db-backup/core'
import { isLoopback } from './allowed-hosts.js'
import type { TrustedProxy } from './trusted-proxy.js'

/** How people get in. */
export interface EntranceOptions {
  readonly host: string
  /** Asked for instead of the link. */
  readonly password?: string | undefined
  readonly trustProxy?: TrustedProxy | undefined
  /** Further names that browsers may know the server by. */
  readonly also: readonly string[]
}

/** A password that is shorter is guessed. */
const shortest = 12

/**
 * Away from loopback, a link on a terminal is no way in: others see the network.
 *
 * @throws BackupError `invalid_options` if there is neither a password nor a proxy, the password is short, or no browser
 * could name the server.
 */
export function checkEntrance({ host, password, trustProxy, also }: EntranceOptions): void {
  for (const name of also) checkName(name)
  if (password !== undefined && password.length < shortest)
    throw new BackupError('invalid_options', `The password has fewer than ${shortest} characters`, {
      operation: 'validateConfig',
      suggestion: 'Make one with: openssl rand -base64 24',
    })
  if (isLoopback(host)) return
  if (password !== undefined || trustProxy !== undefined) {
    if (also.length > 0 || (host !== '0.0.0.0' && host !== '::')) return
    throw new BackupError('invalid_options', `No browser could open the page: ${host} is not a name`, {
      operation: 'validateConfig',
      suggestion: 'Give the name that browsers use with --allowed-host, such as backups.example.',
    })
  }
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

/** @throws BackupError `invalid_options` for what no browser sends as `Host`. */
function checkName(name: string): void {
  const url = `http://${name}/`
  if (/^[^/?#@\s\\]+$/.test(name) && URL.canParse(url)) return
  throw new BackupError('invalid_options', `${JSON.stringify(name)} is not a host name`, {
    operation: 'validateConfig',
    suggestion:
      'Give --allowed-host names such as backups.example or backups.example:8443, without https:// or a path.',
  })
}

/** Warnings about a server that others can reach, in sentences. */
export function whatItDoesNotDo({ host }: Pick<EntranceOptions, 'host'>): string[] {
  if (isLoopback(host)) return []
  return [
    'This server does not use TLS: everything it sends, including records, can be read on the network.',
    'Put a proxy with TLS in front of it. Without one, browsers refuse its cookie, and nobody can sign in.',
  ]
}
