import { createServer, type ServerResponse } from 'node:http'
import { BackupError } from '@s3db-backup/core'
import type { Redactor } from '@s3db-backup/core/internal'
import type { Health } from './health.js'
import { metrics } from './metrics.js'

export interface HealthServer {
  /** Where it listens: `http://127.0.0.1:9090`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `/healthz` (200 or 503, JSON) and `/metrics` (Prometheus). Nothing else, and no credentials.
 *
 * @throws BackupError `conflict` if the port is taken, `permission_denied`, `invalid_options` for a bad host.
 */
export async function serveHealth(
  look: () => Health,
  { port, host, redactor }: { readonly port: number; readonly host: string; readonly redactor: Redactor },
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, text, 'Only GET\n')
    if (pathname === '/metrics') return answer(response, 200, prometheus, metrics(look()))
    if (pathname !== '/healthz') return answer(response, 404, text, 'There are /healthz and /metrics\n')
    const health = look()
    const body = JSON.stringify(redactor.document(describe(health)), null, 2)
    answer(response, health.healthy ? 200 : 503, 'application/json', `${body}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const chosen = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const text = 'text/plain; charset=utf-8'
const prometheus = 'text/plain; version=0.0.4; charset=utf-8'

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

function describe({ healthy, reason, lastSuccess, age, lastDrill, running, nextRuns }: Health): unknown {
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
    nextRuns: nextRuns.map((run) => ({ ...run, at: run.at.toISOString() })),
  }
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): BackupError {
  const codes = { EADDRINUSE: 'conflict', EACCES: 'permission_denied' } as const
  const code = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? codes[cause.code] : 'invalid_options'
  return new BackupError(code, `The health endpoint cannot listen on ${host} port ${port} (${cause.code})`, {
    suggestion: 'Choose another --port or --host.',
    cause,
  })
}
