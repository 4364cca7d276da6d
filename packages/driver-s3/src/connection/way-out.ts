import type { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { ProxyAgent } from 'proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import { caBundle } from './ca-bundle.js'

/** How requests leave this machine: what `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `AWS_CA_BUNDLE` say. */
export interface WayOut {
  /** For the SDK's HTTP handler; empty where nothing is set. */
  readonly agents: {
    readonly httpAgent?: HttpAgent | undefined
    readonly httpsAgent?: HttpsAgent | undefined
  }
  /** The proxy that stands between here and an address, as `host:port`. */
  proxyFor(url: string): string | undefined
}

/** As many connections as the SDK keeps open by itself. */
const shared = { keepAlive: true, maxSockets: 50 }

export function wayOut(env: NodeJS.ProcessEnv = process.env): WayOut {
  const ca = caBundle(env)
  const trusted = ca === undefined ? {} : { ca }
  if (!proxyNames.some((name) => env[name] || env[name.toUpperCase()])) {
    const agents = ca === undefined ? {} : { httpsAgent: new HttpsAgent({ ...shared, ...trusted }) }
    return { agents, proxyFor: () => undefined }
  }
  return {
    // A reused connection to a proxy gets requests without the host in them, so plain HTTP uses one connection per
    // request. HTTPS uses a tunnel, which works like a connection to the server itself.
    agents: { httpAgent: new ProxyAgent(), httpsAgent: new ProxyAgent({ ...shared, ...trusted }) },
    proxyFor(url) {
      const proxy = getProxyForUrl(url)
      return URL.canParse(proxy) ? new URL(proxy).host : undefined
    },
  }
}

const proxyNames = ['https_proxy', 'http_proxy', 'all_proxy']
