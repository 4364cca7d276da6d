import { BackupError } from '@s3db-backup/core'

/**
 * The name or address to listen on as browsers spell it: `127.1` is `127.0.0.1`, `[0:0::1]` is `::1`, `Backups.Example`
 * is `backups.example`. What is checked is then what is listened on, and what browsers send.
 *
 * @throws BackupError `invalid_options` for what is neither a name nor an address.
 */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  // The zone of an address, such as that of `fe80::1%eth0`, has no place in a URL.
  if (/^[0-9a-f:]+%[\w.-]+$/i.test(bare)) return bare.toLowerCase()
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}/`
  if (!/[/?#@\s\\]/.test(bare) && bare !== '' && URL.canParse(url))
    return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  throw new BackupError('invalid_options', `${JSON.stringify(host)} is neither a host name nor an address`, {
    operation: 'validateConfig',
    suggestion: 'Give --host an address such as 127.0.0.1 or ::1, without a port.',
  })
}
