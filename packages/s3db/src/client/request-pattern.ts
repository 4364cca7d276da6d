import type { Call } from '@s3db-backup/core'
import type { StoredObject } from '../stored-form/index.js'
import type { Client } from './database.js'
import { readObject } from './objects.js'
import { uriEncoded } from './own-signature.js'
import { authOf, type SdkAuth, type SdkClient, type SdkMiddleware, type SdkRequest } from './sdk-client.js'
import { versionClient } from './version-client.js'

/** Which object is meant; of its versions the newest, unless one is named. */
export interface Wanted {
  readonly key: string
  readonly versionId?: string | undefined
}

/** A request as the SDK was about to sign it, and what of its path all keys have in common. */
export interface RequestPattern {
  readonly request: SdkRequest
  readonly auth: SdkAuth
  readonly base: string
  /** The headers that all of them have in common. */
  readonly headers: Readonly<Record<string, string>>
}

/** An object that was read the ordinary way, and the pattern of its request where there is one to follow. */
export interface Watched {
  readonly object: StoredObject | undefined
  readonly pattern: RequestPattern | undefined
}

/** Reads an object through all layers of s3db.js and the SDK, and watches its request. Changes no client. */
export async function watchRead(
  client: Client,
  sdk: SdkClient,
  { key, versionId }: Wanted,
  call: Call,
): Promise<Watched> {
  const middlewareStack = sdk.middlewareStack.clone()
  let pattern: RequestPattern | undefined
  const watch: SdkMiddleware = (next, context) => (args) => {
    pattern = patternOf(args.input.Key, args.request, authOf(context))
    return next(args)
  }
  middlewareStack.addRelativeTo(watch, {
    name: 'watch',
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  })
  const watched: Client = Object.create(client, {
    client: { value: Object.create(sdk, { middlewareStack: { value: middlewareStack } }) },
  })
  const reading = versionId === undefined ? watched : versionClient(watched, versionId)
  const object = await readObject(reading, key, call)
  return { object, pattern }
}

/** The pattern of a request; nothing if it is not signed or not named as is known. */
export function patternOf(
  key: unknown,
  request: SdkRequest | undefined,
  auth: SdkAuth | undefined,
): RequestPattern | undefined {
  if (typeof key !== 'string' || request === undefined || auth?.httpAuthOption.schemeId !== 'aws.auth#sigv4')
    return undefined
  const path = encodedPath(key)
  if (!request.path.endsWith(`/${path}`)) return undefined
  return { request, auth, base: request.path.slice(0, -path.length), headers: commonHeaders(request) }
}

/** Numbers of one call of the SDK, and of its attempts. */
export const forEachCall: ReadonlySet<string> = new Set(['amz-sdk-invocation-id', 'amz-sdk-request'])

/** How a header begins that carries metadata. */
export const metadataPrefix = 'x-amz-meta-'

/** Without those of one call, and of one object. */
function commonHeaders({ headers }: SdkRequest): Record<string, string> {
  const common = Object.entries(headers).filter(
    ([name]) => !forEachCall.has(name) && name !== 'if-none-match' && !name.startsWith(metadataPrefix),
  )
  return Object.fromEntries(common)
}

/** The request for another key, not signed yet. */
export function requestFor(
  { request, base, headers }: RequestPattern,
  key: string,
  versionId: string | undefined,
): SdkRequest {
  const { versionId: _version, ...query } = request.query ?? {}
  return {
    ...request,
    path: `${base}${encodedPath(key)}`,
    headers,
    query: versionId === undefined ? query : { ...query, versionId },
  }
}

/** As S3 has keys in paths: encoded, but for slashes. */
export function encodedPath(key: string): string {
  return key.split('/').map(uriEncoded).join('/')
}
