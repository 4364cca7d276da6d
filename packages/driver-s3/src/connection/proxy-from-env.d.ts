/** The package comes without types. */
declare module 'proxy-from-env' {
  /** The proxy that the environment names for an address, `NO_PROXY` heeded; empty for none. */
  export function getProxyForUrl(url: string): string
}
