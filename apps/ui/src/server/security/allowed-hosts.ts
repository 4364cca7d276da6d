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
  return new Set([
    ...own.map((name) => (name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`)),
    ...also.map((name) => name.toLowerCase()),
  ])
}
