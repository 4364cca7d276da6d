import {
  Agent,
  createServer,
  request as forward,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { cutAfter, flip } from './spoil.ts'

/** What goes wrong with one request. Byte counts are of bodies, not of headers. */
export type Fault =
  /** Answered without the server: `503 SlowDown`, `200` with an error in the body, the page of a proxy, … */
  | CannedAnswer
  /** The server's answer, with another body. */
  | { readonly kind: 'rewritten-answer'; readonly rewrite: (body: string) => string }
  /** The connection breaks before anything reaches the server. */
  | { readonly kind: 'reset' }
  /** The connection breaks after so many bytes of the request. */
  | { readonly kind: 'torn-request'; readonly bytes: number }
  /** The server does what it was asked; its answer never arrives. */
  | { readonly kind: 'lost-answer' }
  /** The connection breaks after so many bytes of the answer. */
  | { readonly kind: 'torn-answer'; readonly bytes: number }
  /** So many bytes of the answer, then silence. */
  | { readonly kind: 'stalled-answer'; readonly bytes: number }
  /** One byte of the answer is inverted. */
  | { readonly kind: 'flipped-byte'; readonly at: number }
  /** No answer at all, and nothing reaches the server. */
  | { readonly kind: 'silence' }

/** What is answered instead of the server: an error in S3's words, unless a whole body is given. */
export interface CannedAnswer {
  readonly kind: 'answer'
  readonly status: number
  readonly code?: string
  /** The server's own words. Default: the code. */
  readonly message?: string
  readonly region?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Rule {
  /** Tested against `METHOD /path?query`. */
  readonly match: RegExp
  /** Only requests whose headers are like this. */
  readonly when?: (headers: IncomingHttpHeaders) => boolean
  /** Only requests that have this header, in lower case. */
  readonly onlyWith?: string
  readonly fault: Fault
  /** How many requests it hits. Default: all. */
  readonly times?: number
  /** How many matching requests pass first. Default 0. */
  readonly skip?: number
}

export interface LogEntry {
  /** As `METHOD /path?query`. */
  readonly request: string
  /** What it met. */
  readonly fault: Fault['kind'] | undefined
  /** What the server answered, once it has. */
  readonly status: number | undefined
}

export interface FaultProxy {
  readonly url: string
  /** Every request so far. */
  readonly log: readonly LogEntry[]
  add(rule: Rule): void
  /** Forgets rules and log. */
  clear(): void
  close(): Promise<void>
}

/**
 * Stands between a client and an S3 server and makes faults. Signatures stay valid: the Host header goes
 * through unchanged, and it is what a server checks them against.
 */
export async function startFaultProxy(target: string, { port = 0 } = {}): Promise<FaultProxy> {
  const upstream = new URL(target)
  const agent = new Agent({ keepAlive: true })
  const log: Entry[] = []
  let rules: { rule: Rule; seen: number }[] = []

  const faultFor = (line: string, headers: IncomingHttpHeaders): Fault | undefined => {
    for (const entry of rules) {
      const { match, onlyWith, when, fault, times = Number.POSITIVE_INFINITY, skip = 0 } = entry.rule
      if (!match.test(line) || (onlyWith !== undefined && headers[onlyWith] === undefined)) continue
      if (when !== undefined && !when(headers)) continue
      entry.seen += 1
      if (entry.seen > skip && entry.seen <= skip + times) return fault
    }
    return undefined
  }

  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    const fault = faultFor(line, request.headers)
    const entry: Entry = { request: line, fault: fault?.kind, status: undefined }
    log.push(entry)
    request.on('error', gone)
    response.on('error', gone)
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
    if (fault?.kind === 'silence') return void request.resume()
    if (fault?.kind === 'answer') return void request.resume().on('end', () => refuse(response, fault))
    pass(request, response, { upstream, agent, fault, entry })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    log,
    add: (rule) => void rules.push({ rule, seen: 0 }),
    clear() {
      rules = []
      log.length = 0
    },
    close() {
      agent.destroy()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** The other side of a broken connection notices by itself. */
function gone(): void {
  // Nothing to do.
}

function refuse(response: ServerResponse, answer: CannedAnswer): void {
  const { status, code = '', message = code, region, headers, body = errorDocument(code, message) } = answer
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
    ...(region === undefined ? {} : { 'x-amz-bucket-region': region }),
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

function errorDocument(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
}

/** A log entry while its answer is awaited. */
type Entry = Omit<LogEntry, 'status'> & { status: number | undefined }

interface Route {
  readonly upstream: URL
  readonly agent: Agent
  readonly fault: Fault | undefined
  readonly entry: Entry
}

function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { upstream, agent, fault, entry }: Route,
): void {
  const { method, url, headers, socket } = request
  const onward = forward({
    host: upstream.hostname,
    port: upstream.port,
    method,
    path: url,
    headers,
    agent,
    setHost: false,
  })
  onward.on('error', () => socket.destroy())
  response.on('close', () => response.writableFinished || onward.destroy())
  if (fault?.kind === 'torn-request') {
    const cut = cutAfter(fault.bytes, () => {
      onward.destroy()
      socket.resetAndDestroy()
    })
    request.pipe(cut).pipe(onward)
  } else request.pipe(onward)

  onward.on('response', (answer) => {
    entry.status = answer.statusCode
    answer.on('error', () => socket.destroy())
    if (fault?.kind === 'lost-answer') return void answer.resume().on('end', () => socket.resetAndDestroy())
    if (fault?.kind === 'rewritten-answer') return void rewrite(answer, response, fault.rewrite)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    damage(answer, fault, socket).pipe(response)
  })
}

async function rewrite(
  answer: IncomingMessage,
  response: ServerResponse,
  change: (body: string) => string,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const body = change(Buffer.concat(chunks).toString())
  const { 'transfer-encoding': _, ...headers } = answer.headers
  response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function damage(answer: IncomingMessage, fault: Fault | undefined, socket: Socket) {
  if (fault?.kind === 'torn-answer') return answer.pipe(cutAfter(fault.bytes, () => socket.resetAndDestroy()))
  if (fault?.kind === 'stalled-answer') return answer.pipe(cutAfter(fault.bytes, gone))
  if (fault?.kind === 'flipped-byte') return answer.pipe(flip(fault.at))
  return answer
}
