import { setTimeout as wait } from 'node:timers/promises'

/** One request of a notification. Its headers are created again for each attempt, because they may contain the time. */
export interface Request {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  headers(): Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** How a request went. Nothing of what the other side said, nor where it is. */
export interface Outcome {
  readonly ok: boolean
  readonly attempts: number
  /** The HTTP status of the last attempt; `null` if there was no answer. */
  readonly status: number | null
  /** Why it was not delivered; `null` if it was. */
  readonly reason: string | null
}

export interface Patience {
  /** For everything, in ms. */
  readonly deadline: number
  /** Before each further attempt, in ms. */
  readonly pauses: readonly number[]
}

const patience: Patience = { deadline: 15_000, pauses: [500, 2000] }

/** So long an attempt may take, in ms. */
const attemptTime = 5000

/** Sends a request, again if that may help, and says how it went. Never throws. Redirects are not followed. */
export async function deliver(
  request: Request,
  { deadline, pauses }: Patience = patience,
  signal: AbortSignal = AbortSignal.timeout(deadline),
): Promise<Outcome> {
  for (let attempts = 1; ; attempts++) {
    const { status, reason } = await attempt(request, signal)
    if (reason === null) return { ok: true, attempts, status, reason }
    const pause = pauses[attempts - 1]
    if (!mayHelp(status) || pause === undefined || signal.aborted || !(await waited(pause, signal)))
      return { ok: false, attempts, status, reason }
  }
}

async function attempt({ url, method, headers, body }: Request, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      method,
      headers: headers(),
      // The address was checked, but not where it redirects to.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTime)]),
      ...(body === undefined ? {} : { body }),
    })
    await response.body?.cancel()
    const { status } = response
    if (response.ok) return { status, reason: null }
    return {
      status,
      reason:
        status >= 300 && status < 400
          ? `it answered with a redirect (${status}), which is not followed`
          : `it answered ${status}`,
    }
  } catch (error) {
    return { status: null, reason: causeOf(error) }
  }
}

/** Whether a retry may help: the server is busy, restarting or missing. What it refuses, it refuses again. */
function mayHelp(status: number | null): boolean {
  return status === null || status === 408 || status === 429 || status >= 500
}

async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  return wait(ms, true, { signal }).catch(() => false)
}

/** The code alone: messages of fetch hold addresses. */
function causeOf(error: unknown): string {
  const names = { TimeoutError: 'it did not answer in time', AbortError: 'it did not answer in time' }
  if (!(error instanceof Error)) return 'it could not be reached'
  if (error.name in names) return names.TimeoutError
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return `it could not be reached${code}`
}
