/** How a browser names this server, in `Host` and in `Origin`. */
export interface Names {
  /** The address or name to listen on. */
  readonly host: string
  readonly port: number
  /** Further names, such as that of a proxy: `backups.example` or `backups.example:8443`. */
  readonly also: readonly string[]
}

const loopback = new Set(['localhost', '127.0.0.1', '::1'])

export function isLoopback(host: string): boolean {
  return loopback.has(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * The values of `Host` that are answered. A page of somebody else can make its own name lead to this machine (DNS
 * rebinding), but it cannot make a browser send another name.
 */
export function allowedHosts({ host, port, also }: Names): ReadonlySet<string> {
  const own = isLoopback(host) ? [...loopback, host] : host === '0.0.0.0' || host === '::' ? [] : [host]
  const names = own.map((name) => (name.includes(':') ? `[${name}]` : name))
  return new Set([
    ...names.map((name) => `${name}:${port}`),
    // Browsers leave out the port of the protocol.
    ...(port === 80 ? names : []),
    ...also.map((name) => name.toLowerCase()),
  ])
}
