import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import type { Health } from './health.js'
import { metrics } from './metrics.js'

export interface HealthServer {
  /** Where it listens: `http://127.0.0.1:9090`. */
  readonly url: string
  close(): Promise<void>
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
}
const ownLimits: Limits = {
  headBytes: 8192,
  headTime: 10_000,
  requestTime: 15_000,
  idle: 5_000,
  stall: 15_000,
  connections: 64,
}

interface HealthOptions {
  readonly port: number
  readonly host: string
  readonly redactor: Redactor
  /** Other limits. For tests. */
  readonly limits?: Partial<Limits> | undefined
}

/**
 * Serves `/healthz` (200 or 503, JSON) and `/metrics` (Prometheus). Nothing else, and no credentials. Nothing that a
 * client sends ends it: a schedule must not die of its own watch.
 *
 * @throws BackupError `conflict` if the port is taken, `permission_denied`, `invalid_options` for a bad host.
 */
export async function serveHealth(
  look: () => Health,
  { port, host, redactor, limits: given = {} }: HealthOptions,
): Promise<HealthServer> {
  const limits = { ...ownLimits, ...given }
  const server = createServer(
    {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: limits.idle,
    },
    (request, response) => {
      response.setTimeout(limits.stall, () => response.destroy())
      try {
        respond(request, response, { look, redactor })
      } catch {
        // The error itself is not for strangers.
        if (response.headersSent) response.destroy()
        else answer(response, 500, text, 'Cannot determine the health\n')
      }
    },
  )
  server.maxConnections = limits.connections
  refuseTheRest(server)
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port))
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      resolve()
    })
  })
  // Without free file handles a connection cannot be accepted. The next one may be.
  server.on('error', () => undefined)
  const address = server.address()
  const chosen = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Told {
  readonly look: () => Health
  readonly redactor: Redactor
}

function respond(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  { look, redactor }: Told,
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    answer(response, 405, text, 'Only GET and HEAD\n')
    return
  }
  const path = pathOf(url)
  if (path === '/metrics') answer(response, 200, prometheus, metrics(look()))
  else if (path === '/healthz') {
    const health = look()
    const body = JSON.stringify(redactor.document(describe(health)), null, 2)
    answer(response, health.healthy ? 200 : 503, 'application/json', `${body}\n`)
  } else answer(response, 404, text, 'Not found; try /healthz and /metrics\n')
}

/** The path of a request target as sent. It is compared, not parsed: `//` is not a URL, and `*` is not a path. */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return path
}

/** Answers invalid requests, and requests for another protocol. */
function refuseTheRest(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = statuses[error.code ?? ''] ?? '400 Bad Request'
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  // Without listeners Node closes the connection without an answer. These answer first.
  for (const name of ['connect', 'upgrade'] as const)
    server.on(name, (_, socket) => {
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n')
    })
}

const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const text = 'text/plain; charset=utf-8'
const prometheus = 'text/plain; version=0.0.4; charset=utf-8'

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    })
    .end(body)
}

function describe({
  healthy,
  reason,
  lastSuccess,
  age,
  lastDrill,
  running,
  warnings,
  recoverableSince,
  broken,
  nextRuns,
}: Health): unknown {
  return {
    healthy,
    reason,
    lastSuccess:
      lastSuccess === undefined || age === undefined
        ? null
        : {
            id: lastSuccess.id,
            timestamp: new Date(lastSuccess.at).toISOString(),
            ageSeconds: Math.round(age / 1000),
          },
    lastDrill:
      lastDrill === undefined ? null : { ok: lastDrill.ok, timestamp: new Date(lastDrill.at).toISOString() },
    running,
    warnings,
    recoverableSince: recoverableSince === undefined ? null : new Date(recoverableSince).toISOString(),
    broken,
    nextRuns: nextRuns.map((run) => ({ ...run, at: run.at.toISOString() })),
  }
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): BackupError {
  const codes = { EADDRINUSE: 'conflict', EACCES: 'permission_denied' } as const
  const code = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? codes[cause.code] : 'invalid_options'
  return new BackupError(code, `Cannot serve the health endpoint on ${host} port ${port} (${cause.code})`, {
    suggestion: 'Choose another --port or --host.',
    cause,
  })
}
