import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import { application } from './app.js'
import { readAssets } from './assets.js'
import { knownDrills } from './known-drills.js'
import { knownOverview } from './known-overview.js'
import { openedBackups } from './opened-backups.js'
import type { OwnDatabase, SentNotice } from './page.js'
import { allowedHosts } from './security/allowed-hosts.js'
import { canonicalHost } from './security/canonical-host.js'
import { checkEntrance, type EntranceOptions, whatItDoesNotDo } from './security/entrance.js'
import type { Rate } from './security/rate-limit.js'
import { sessions } from './security/sessions.js'
import { type CutOff, cutOffBy } from './work/cut-off.js'
import { eventLog } from './work/event-log.js'
import { jobs } from './work/jobs.js'

export interface PageOptions extends Omit<EntranceOptions, 'host' | 'also'> {
  readonly plugin: BackupPlugin
  /** The database that the plugin works for, if it was given one. */
  readonly database?: OwnDatabase | undefined
  readonly redactor: Redactor
  /** 0 for any free port. */
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Further names that browsers may know the server by. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Default `false`: the page only looks. */
  readonly allowWrites?: boolean | undefined
  /** The options of commands that say where the backups are: ` --path /mnt/backups`. */
  readonly placeOptions?: string | undefined
  /** Whether this process follows the plugin's schedule. Default `false`. */
  readonly following?: boolean | undefined
  /** The answers of notification receivers, newest first; omitted if there are none. */
  readonly notified?: (() => readonly SentNotice[]) | undefined
  /** Called with defects of this program. */
  readonly onCrash?: ((error: unknown) => void) | undefined
  /**
   * Other limits. For tests.
   * @internal
   */
  readonly limits?: Partial<Limits> | undefined
}

export interface PageServer {
  /** Where it listens: `http://127.0.0.1:7780`. */
  readonly url: string
  /** A link that opens the page once; the page itself where a password or a proxy asks. */
  link(): string
  /** What an operator has to know of it, in sentences. */
  readonly warnings: readonly string[]
  /** Stops what was started from the page, and waits until it has ended. Gives the restores and drills that it cut off. */
  close(): Promise<readonly CutOff[]>
}

/** What strangers may ask of the port: small heads, soon, and not too many at once. Times in ms, sizes in bytes. */
interface Limits {
  readonly headBytes: number
  readonly headTime: number
  readonly requestTime: number
  readonly idle: number
  /** How long an answer may wait for its reader. */
  readonly stall: number
  readonly connections: number
  readonly rate: Rate
}
const ownLimits: Limits = {
  headBytes: 8192,
  headTime: 10_000,
  requestTime: 30_000,
  idle: 5_000,
  stall: 30_000,
  connections: 128,
  rate: { most: 600, within: 10_000 },
}

/**
 * Serves the page. Nothing that a client sends ends the process.
 *
 * @throws BackupError `invalid_options` for a host that nobody guards, `conflict` if the port is taken,
 * `permission_denied`, `unsupported` if the package is not whole.
 */
export async function servePage(options: PageOptions): Promise<PageServer> {
  const { plugin, redactor, password, trustProxy, onCrash, allowedHosts: also = [] } = options
  const host = canonicalHost(options.host ?? '127.0.0.1')
  const entry = { host, password, trustProxy, also }
  checkEntrance(entry)
  const limits = { ...ownLimits, ...options.limits }
  const assets = readAssets()
  const closing = new AbortController()
  const known = sessions()
  const [work, log] = [jobs(onCrash), eventLog(plugin)]
  let [hosts, port]: [ReadonlySet<string>, number] = [new Set(), options.port]
  const app = application(
    {
      ...{ plugin, redactor, onCrash, log, jobs: work, database: options.database },
      allowWrites: options.allowWrites === true,
      placeOptions: options.placeOptions ?? '',
      following: options.following === true,
      notified: options.notified,
      overview: knownOverview(plugin, closing.signal),
      drills: knownDrills(plugin, closing.signal),
      opened: openedBackups(plugin, closing.signal),
      signal: closing.signal,
    },
    assets,
    {
      ...{ sessions: known, password, trustProxy },
      hosts: () => hosts,
      cookie: () => `s3db-backup-${port}`,
      rate: limits.rate,
    },
  )
  const server = createServer(
    {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: limits.idle,
    },
    getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      errorHandler: () => new Response('The request is not understood\n', { status: 400 }),
    }),
  )
  server.maxConnections = limits.connections
  endStalled(server, limits.stall)
  refuseTheRest(server)
  port = await listen(server, options.port, host)
  hosts = allowedHosts({ host, port, also })
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const guarded = password !== undefined || trustProxy !== undefined
  let ended: Promise<readonly CutOff[]> | undefined
  const end = async () => {
    closing.abort(new DOMException('The page was closed', 'AbortError'))
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const cut = await work.close()
    log.close()
    server.closeAllConnections()
    await closed
    return cut.flatMap(cutOffBy)
  }
  return {
    url,
    link: () => (guarded ? `${url}/` : `${url}/open?once=${known.link()}`),
    warnings: whatItDoesNotDo(entry),
    close() {
      ended ??= end()
      return ended
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port))
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      // Without free file handles a connection cannot be accepted. The next one may be.
      server.on('error', () => undefined)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Closes connections whose client does not read its answer: they count among those that may be open. */
function endStalled(server: Server, stall: number): void {
  server.on('request', (_, response) =>
    response.setTimeout(stall, () => {
      // Without unread data the answer itself takes that long.
      if ((response.socket?.writableLength ?? 0) > 0) response.destroy()
    }),
  )
}

/** Answers invalid requests, and requests for another protocol. There are no web sockets. */
function refuseTheRest(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = statuses[error.code ?? ''] ?? '400 Bad Request'
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  for (const name of ['connect', 'upgrade'] as const)
    server.on(name, (_, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nConnection: close\r\n\r\n')
    })
}

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): BackupError {
  const codes = { EADDRINUSE: 'conflict', EACCES: 'permission_denied' } as const
  const code = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? codes[cause.code] : 'invalid_options'
  return new BackupError(code, `Cannot serve the page on ${host} port ${port} (${cause.code})`, {
    suggestion: 'Choose another --port or --host.',
    cause,
  })
}
