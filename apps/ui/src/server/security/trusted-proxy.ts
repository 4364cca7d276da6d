import { BlockList, isIP } from 'node:net'
import { BackupError } from '@s3db-backup/core'
import type { Operator } from './sessions.js'

/** A proxy that has asked who somebody is, and says so in a header. */
export interface TrustedProxy {
  /** Addresses or networks: `10.0.0.7`, `10.1.0.0/16`. */
  readonly addresses: readonly string[]
  /** Default `x-forwarded-user`. */
  readonly header?: string | undefined
}

/** Every value that a request has for a header. */
export type Header = (name: string) => readonly string[] | undefined

/**
 * Who the proxy says it is. From every other address the header means nothing: anybody can send it.
 *
 * @throws BackupError `invalid_options` for what is no address and no network.
 */
export function proxyOperator({ addresses, header = 'x-forwarded-user' }: TrustedProxy) {
  const trusted = new BlockList()
  for (const address of addresses) add(trusted, address)
  return (from: string | undefined, read: Header): Operator | undefined => {
    const plain = from?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
    const family = isIP(plain)
    if (family === 0 || !trusted.check(plain, family === 6 ? 'ipv6' : 'ipv4')) return undefined
    // Two values mean that the client sent one itself, and nobody knows which.
    const [name, ...others] = read(header.toLowerCase())?.map((value) => value.trim()) ?? []
    return name === undefined || name === '' || others.length > 0 ? undefined : { name: name.slice(0, 100) }
  }
}

function add(list: BlockList, text: string): void {
  const [, address = '', bits] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const family = version === 6 ? 'ipv6' : 'ipv4'
  const most = version === 6 ? 128 : 32
  if (version === 0 || Number(bits ?? 0) > most)
    throw new BackupError('invalid_options', `${JSON.stringify(text)} is not an address of a proxy`, {
      operation: 'validateConfig',
      suggestion: 'Give an address such as 10.0.0.7, or a network such as 10.1.0.0/16.',
    })
  if (bits === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(bits), family)
}
