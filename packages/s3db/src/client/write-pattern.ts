import { isDeepStrictEqual } from 'node:util'
import {
  encodedPath,
  forEachCall,
  metadataPrefix,
  patternOf,
  type RequestPattern,
} from './request-pattern.js'
import { authOf, type SdkClient, type SdkMiddleware, type SdkRequest } from './sdk-client.js'

/** The SDK's arguments to store an object without a body. */
export interface EmptyWrite {
  readonly Bucket: string
  readonly Key: string
  /** Values that become headers unchanged. */
  readonly Metadata: Readonly<Record<string, string>>
  readonly IfNoneMatch?: string | undefined
}

/** The last one is the SDK's own choice; the checksum of nothing is in the pattern. */
const known: ReadonlySet<string> = new Set([
  'Bucket',
  'Key',
  'Metadata',
  'Body',
  'IfNoneMatch',
  'ChecksumAlgorithm',
])

/**
 * Nothing if the write asks for more than a request made here would. Looked at by hand: it is done for each object, and its
 * schema took longer than the signature.
 */
export function emptyWrite(input: unknown): EmptyWrite | undefined {
  if (!isRecord(input)) return undefined
  const { Bucket, Key, Metadata, Body, IfNoneMatch, ChecksumAlgorithm } = input
  if (typeof Bucket !== 'string' || typeof Key !== 'string' || !isEmpty(Body)) return undefined
  if (!isTextOrNone(IfNoneMatch) || !isTextOrNone(ChecksumAlgorithm)) return undefined
  for (const name in input) if (!known.has(name)) return undefined
  return isPlainMetadata(Metadata) ? { Bucket, Key, Metadata, IfNoneMatch } : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/** A client of somebody's own may give a body to what we give it without. */
function isEmpty(body: unknown): boolean {
  return body === undefined || body === '' || (body instanceof Uint8Array && body.byteLength === 0)
}

function isPlainMetadata(metadata: unknown): metadata is Record<string, string> {
  if (!isRecord(metadata)) return false
  for (const name in metadata) {
    const value = metadata[name]
    if (typeof value !== 'string' || !/^[ -~]*$/.test(value) || !/^[a-z0-9_-]+$/.test(name)) return false
  }
  return true
}

/**
 * The properties of a write that the SDK may treat differently from plain text, so that they must be observed first:
 * empty values, and those that begin or end with a blank.
 */
export function oddities({ Metadata }: EmptyWrite): Oddity[] {
  const found = new Set<Oddity>()
  for (const name in Metadata) {
    const value = Metadata[name] ?? ''
    if (value === '') found.add('empty')
    else if (value.startsWith(' ') || value.endsWith(' ')) found.add('blank')
  }
  return [...found]
}

export type Oddity = 'empty' | 'blank'

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

/** The request for another write, not signed yet. */
export function writeRequest(
  { request, base, headers: common }: RequestPattern,
  { Key, Metadata, IfNoneMatch }: EmptyWrite,
): SdkRequest {
  const headers: Record<string, string> = { ...common }
  if (IfNoneMatch !== undefined) headers['if-none-match'] = IfNoneMatch
  for (const name in Metadata) headers[`${metadataPrefix}${name}`] = Metadata[name] ?? ''
  return { ...request, path: `${base}${encodedPath(Key)}`, headers }
}

/** Whether the pattern gives the very request that the SDK made. */
export function makesTheSame(pattern: RequestPattern, { write, request }: WatchedWrite): boolean {
  return isDeepStrictEqual(told(writeRequest(pattern, write)), told(request))
}

/** The facts that a server gets about an object, without the caller and the attempt. */
function told({ method, path, query, headers }: SdkRequest) {
  const lasting = Object.entries(headers).filter(
    ([name]) => !forEachCall.has(name) && !name.endsWith('user-agent'),
  )
  return { method, path, query, headers: Object.fromEntries(lasting) }
}
