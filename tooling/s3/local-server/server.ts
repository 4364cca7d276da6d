import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { type Answer, type Exchange, readBody } from './exchange.ts'
import { answer } from './routes.ts'
import { S3Error } from './s3-error.ts'
import { authenticate } from './signature.ts'
import type { Account, State } from './state.ts'
import { xml } from './xml.ts'

export interface LocalServer {
  /** `http://127.0.0.1:<port>`. Path style only. */
  readonly url: string
  close(): Promise<void>
}

export interface LocalServerOptions {
  /** How long a thaw takes, in ms. */
  readonly thawTime?: number
  readonly region?: string
  /** The clock of the storage, in ms since 1970. Default: this machine's. */
  readonly now?: () => number
  /** Tell times in whole seconds in listings, as Amazon S3 does. Default: in ms, as Ceph does. */
  readonly wholeSeconds?: boolean
  /** How long every answer takes, in ms, as if the server were far away; asked for each request. Default: no time. */
  readonly delay?: () => number
  /** How many keys a page of a listing has at most. Default 1,000. */
  readonly pageSize?: number
}

/**
 * A small S3 server in this process, in memory, for tests without any other. Ceph is its judge: both have to
 * pass the same tests. See the README for what it does not do.
 */
export async function startLocalServer(
  accounts: readonly Account[],
  {
    thawTime = 100,
    region = 'us-east-1',
    now = Date.now,
    wholeSeconds = false,
    delay = () => 0,
    pageSize = 1000,
  }: LocalServerOptions = {},
): Promise<LocalServer> {
  const state: State = { region, accounts, buckets: new Map(), thawTime, now, wholeSeconds, pageSize }
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.setHeader('date', new Date(now()).toUTCString())
    handle(request, state, delay()).then(
      (given) => send(response, given),
      (error: unknown) => (request.complete ? send(response, errorAnswer(error)) : request.destroy()),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function handle(request: IncomingMessage, state: State, delay: number): Promise<Answer> {
  const body = await readBody(request)
  if (delay > 0) await setTimeout(delay)
  const { method = 'GET', url = '/', headers } = request
  const split = url.indexOf('?')
  const rawPath = split < 0 ? url : url.slice(0, split)
  const rawQuery = split < 0 ? '' : url.slice(split + 1)
  const account = authenticate({ method, rawPath, rawQuery, headers }, state)
  const [bucket = '', ...key] = rawPath.slice(1).split('/').map(decodeURIComponent)
  const query = new URLSearchParams(rawQuery)
  const exchange: Exchange = {
    state,
    account,
    method,
    rawPath,
    rawQuery,
    query,
    headers,
    bucket,
    key: key.join('/'),
    body,
  }
  return answer(exchange)
}

function errorAnswer(error: unknown): Answer {
  const known =
    error instanceof S3Error ? error : new S3Error(500, 'InternalError', { Detail: String(error) })
  return {
    status: known.status,
    headers: known.headers,
    body: xml('Error', { Code: known.code, Message: known.code, ...known.fields }),
  }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  if (typeof body === 'string' && body !== '') response.setHeader('content-type', 'application/xml')
  response.writeHead(status, {
    'x-amz-request-id': 'local',
    ...headers,
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
