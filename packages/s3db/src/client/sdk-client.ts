import * as z from 'zod'

/*
 * The parts of the AWS SDK's client (v3) that are used here, as shapes. The SDK itself is never imported: the one
 * inside the database's own client is used, with its endpoint, its credentials and its HTTP handler.
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/middleware-stack.html
 */

export interface SdkRequest {
  readonly method: string
  /** Encoded, with a slash in front. */
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface SdkAnswer {
  readonly statusCode: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: (AsyncIterable<Uint8Array> & { resume?(): unknown }) | undefined
}

/** How a request is signed. */
export interface SdkAuth {
  readonly httpAuthOption: { readonly schemeId: string; readonly signingProperties?: object }
  readonly identity: unknown
  readonly signer: {
    sign(request: SdkRequest, identity: unknown, properties: object): Promise<SdkRequest>
  }
}

interface SdkArguments {
  readonly input: Readonly<Record<string, unknown>>
  readonly request?: SdkRequest
}

type SdkStep = (args: SdkArguments) => Promise<unknown>

export type SdkMiddleware = (next: SdkStep, context: Readonly<Record<string, unknown>>) => SdkStep

export interface SdkStack {
  clone(): SdkStack
  add(
    middleware: SdkMiddleware,
    place: { readonly name: string; readonly step: 'deserialize'; readonly priority: 'low' },
  ): void
  addRelativeTo(
    middleware: SdkMiddleware,
    place: { readonly name: string; readonly relation: 'before'; readonly toMiddleware: string },
  ): void
}

export interface SdkClient {
  readonly config: {
    readonly requestHandler: {
      handle(request: SdkRequest, options: object): Promise<{ readonly response: SdkAnswer }>
    }
  }
  readonly middlewareStack: SdkStack
  send(command: { readonly input: unknown }): Promise<unknown>
}

/** Whether the value is a client of the SDK, told by what it can do. */
export function isSdkClient(value: unknown): value is SdkClient {
  const stack = memberOf(value, 'middlewareStack')
  const handler = memberOf(memberOf(value, 'config'), 'requestHandler')
  const functions = [
    memberOf(value, 'send'),
    memberOf(stack, 'clone'),
    memberOf(stack, 'add'),
    memberOf(stack, 'addRelativeTo'),
    memberOf(handler, 'handle'),
  ]
  return functions.every((member) => typeof member === 'function')
}

/** What s3db.js adds to the SDK's own steps. It touches no reads and writes of objects. */
const stepOfS3db = 'addContentMd5ForDeleteObjects - build'

/**
 * Whether everything that a request passes is the SDK's own. Added steps and a wrapped `send` may treat some objects
 * differently, so no number of observed requests tells what they do with the next.
 */
export function isUnchanged(sdk: SdkClient): boolean {
  try {
    const fresh = freshClient(sdk)
    const own = new Set([...stepsOf(fresh), stepOfS3db])
    return sdk.send === memberOf(fresh, 'send') && stepsOf(sdk).every((step) => own.has(step))
  } catch {
    return false
  }
}

/** A client of the SDK as it makes them; it sends nothing. */
function freshClient(sdk: SdkClient): object {
  const classes: unknown[] = []
  for (let at = Object.getPrototypeOf(sdk); at !== null; at = Object.getPrototypeOf(at))
    classes.push(at.constructor)
  // The last two are the class of all objects and the SDK's class of clients for any service.
  const made = classes.at(-3)
  if (typeof made !== 'function') throw new TypeError('Not a client of the SDK')
  return Reflect.construct(made, [{ region: 'us-east-1' }])
}

function stepsOf(sdk: object): string[] {
  const stack = memberOf(sdk, 'middlewareStack')
  const identify = memberOf(stack, 'identify')
  if (typeof identify !== 'function') throw new TypeError('Its steps cannot be seen')
  return z.array(z.string()).parse(identify.call(stack))
}

/** How the SDK says in a middleware's context that the request is going to be signed. */
export function authOf(context: Readonly<Record<string, unknown>>): SdkAuth | undefined {
  const auth = memberOf(context.__smithy_context, 'selectedHttpAuthScheme')
  return isAuth(auth) ? auth : undefined
}

function isAuth(value: unknown): value is SdkAuth {
  const id = memberOf(memberOf(value, 'httpAuthOption'), 'schemeId')
  return typeof id === 'string' && typeof memberOf(memberOf(value, 'signer'), 'sign') === 'function'
}

/** Of whatever it is; nothing if it has none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
