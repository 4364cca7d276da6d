import type { SdkAnswer, SdkClient, SdkRequest } from './sdk-client.js'

/** In ms. After so long without an answer the ordinary way has its turn. */
export const longestWait = 30_000

export interface Exchanged {
  readonly answer: SdkAnswer
  readonly hasBody: boolean
}

/** The answer to one signed request, and whether it had a body. That is dropped, so that the connection can be used again. */
export async function exchange(
  { config }: SdkClient,
  request: SdkRequest,
  patience: number,
): Promise<Exchanged> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), patience)
  try {
    const { response } = await config.requestHandler.handle(request, { abortSignal: controller.signal })
    return { answer: response, hasBody: await hadBody(response) }
  } finally {
    clearTimeout(timer)
  }
}

async function hadBody({ headers, body }: SdkAnswer): Promise<boolean> {
  if (body === undefined) return false
  // There is nothing to wait for, and iterating over nothing costs more than signing a request.
  if (headers['content-length'] === '0' && typeof body.resume === 'function') {
    body.resume()
    return false
  }
  let bytes = 0
  for await (const chunk of body) bytes += chunk.byteLength
  return bytes > 0
}

/** An answer other than the expected one. */
export class Answered extends Error {
  readonly status: number
  constructor(status: number) {
    super(`Answered with ${status}`)
    this.status = status
  }
}

/** The status of the answer that caused an error, s3db.js's or ours, if there was one. */
export function statusOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = Reflect.get(at, 'original') ?? at.cause)
    if (at instanceof Answered) return at.status
  return undefined
}
