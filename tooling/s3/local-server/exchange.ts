import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Account, State } from './state.ts'

/** A request that was read to its end. */
export interface Exchange {
  readonly state: State
  readonly account: Account
  readonly method: string
  /** As it came over the wire; signatures are made of it. */
  readonly rawPath: string
  readonly rawQuery: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly bucket: string
  readonly key: string
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** The bytes of a request. Rejects when the client goes away midway, so that nothing of it is stored. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
