import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { encodedPath, forEachCall, patternOf, type RequestPattern } from './request-pattern.js'
import { authOf, type SdkClient, type SdkMiddleware, type SdkRequest } from './sdk-client.js'

/** What the SDK is asked for to store an object without a body, and nothing beyond. */
const plainInput = z.strictObject({
  Bucket: z.string(),
  Key: z.string(),
  /** Values of which each is a header as it stands. */
  Metadata: z.record(z.string(), z.string().regex(/^[!-~](?:[ -~]*[!-~])?$/)),
  /** A client of somebody's own may give a body to what we give it without. */
  Body: z.custom<unknown>((body) => body === undefined || body === '' || isEmpty(body)),
  IfNoneMatch: z.string().optional(),
  /** The SDK's own choice; the checksum of nothing is in the pattern. */
  ChecksumAlgorithm: z.string().optional(),
})

function isEmpty(body: unknown): boolean {
  return body instanceof Uint8Array && body.byteLength === 0
}

export type EmptyWrite = z.output<typeof plainInput>

/** Nothing if the write asks for more than a request made here would. */
export function emptyWrite(input: unknown): EmptyWrite | undefined {
  return plainInput.safeParse(input).data
}

/** A write, and its request as the SDK was about to sign it. */
export interface WatchedWrite {
  readonly write: EmptyWrite
  readonly request: SdkRequest
  readonly pattern: RequestPattern
}

/** The client of the SDK, telling of each write of an object without a body before it is signed. */
export function watchWrites(sdk: SdkClient, tell: (watched: WatchedWrite | undefined) => void): SdkClient {
  const middlewareStack = sdk.middlewareStack.clone()
  const watch: SdkMiddleware = (next, context) => (args) => {
    const { input, request } = args
    const write = emptyWrite(input)
    if (write !== undefined) {
      const pattern = patternOf(write.Key, request, authOf(context))
      tell(request && pattern && { write, request, pattern })
    }
    return next(args)
  }
  middlewareStack.addRelativeTo(watch, {
    name: 'watch',
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  })
  return Object.create(sdk, { middlewareStack: { value: middlewareStack } })
}

const metadataPrefix = 'x-amz-meta-'

/** The request for another write, not signed yet. */
export function writeRequest(
  { request, base }: RequestPattern,
  { Key, Metadata, IfNoneMatch }: EmptyWrite,
): SdkRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (name !== 'if-none-match' && !name.startsWith(metadataPrefix) && !forEachCall.has(name))
      headers[name] = value
  if (IfNoneMatch !== undefined) headers['if-none-match'] = IfNoneMatch
  for (const [name, value] of Object.entries(Metadata)) headers[`${metadataPrefix}${name}`] = value
  return { ...request, path: `${base}${encodedPath(Key)}`, headers }
}

/** Whether the pattern gives the very request that the SDK made. */
export function makesTheSame(pattern: RequestPattern, { write, request }: WatchedWrite): boolean {
  return isDeepStrictEqual(told(writeRequest(pattern, write)), told(request))
}

/** What a server is told of an object. Who asks, and in which attempt, is no part of it. */
function told({ method, path, query, headers }: SdkRequest) {
  const lasting = Object.entries(headers).filter(
    ([name]) => !forEachCall.has(name) && !name.endsWith('user-agent'),
  )
  return { method, path, query, headers: Object.fromEntries(lasting) }
}
