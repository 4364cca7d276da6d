import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Problem } from '../api/values.js'
import type { Job } from '../api/work.js'

/** A refusal of the server, with the reason. */
export class Refused extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Only our own page can send this header; see the server. */
const mark = { 'x-s3db-backup-page': '1' }

export type Query = Readonly<Record<string, string | number | undefined>>

export function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** The shapes of the answers are the server's own: it sends nothing that its schema does not name. */
export async function ask<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await reached(() =>
    fetch(withQuery(path, query), { headers: mark, ...(signal === undefined ? {} : { signal }) }),
  )
  return read<T>(response)
}

export async function send<T>(path: string, value: unknown): Promise<T> {
  const headers = { ...mark, 'content-type': 'application/json' }
  const response = await reached(() => fetch(path, { method: 'POST', headers, body: JSON.stringify(value) }))
  return read<T>(response)
}

const unanswered: Problem = {
  code: 'unavailable',
  message: 'The server does not answer',
  suggestion: 'Is the command still running? Start it again, and use its new link.',
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refused(unanswered)
  }
}

async function read<T>(response: Response): Promise<T> {
  if (response.ok) return response.json()
  const body = await response.json().catch(() => undefined)
  throw new Refused(
    body?.problem ?? {
      code: String(response.status),
      message: `The server refused (${response.status})`,
      suggestion: 'Reload the page.',
    },
  )
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem
  return { code: 'internal', message: String(error), suggestion: 'Reload the page.' }
}

export interface Loaded<T> {
  readonly data: T | undefined
  readonly problem: Problem | undefined
  readonly loading: boolean
  reload(): void
}

/** The server's answer for a path. Requested again when the path changes; `undefined` requests nothing. */
export function useAnswer<T>(path: string | undefined): Loaded<T> {
  const [state, setState] = useState<{ path?: string | undefined; data?: T; problem?: Problem }>({})
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (path === undefined) return undefined
    const over = new AbortController()
    ask<T>(path, {}, over.signal).then(
      (data) => setState({ path, data }),
      (error: unknown) => {
        if (!over.signal.aborted) setState({ path, problem: problemOf(error) })
      },
    )
    return () => over.abort()
  }, [path, turn])
  const isNow = state.path === path
  return {
    data: isNow ? state.data : undefined,
    problem: isNow ? state.problem : undefined,
    loading: path !== undefined && !isNow,
    reload: useCallback(() => setTurn((before) => before + 1), []),
  }
}

/**
 * The progress of a job: a stream of events, read with `fetch`, which can send our header as an `EventSource` cannot.
 * If it breaks off, it is requested again.
 */
export async function watchJob(
  id: string,
  tell: (job: Job, problem: Problem | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  let last: Job | undefined
  const hear = (job: Job) => {
    last = job
    tell(job, undefined)
  }
  for (;;) {
    try {
      await hearEvents(id, hear, signal)
      if (last?.state !== 'running') return
      // The stream ended before the job did.
      tell(last, unanswered)
    } catch (error) {
      signal.throwIfAborted()
      const problem = problemOf(error)
      if (last === undefined || problem.code !== unanswered.code) throw error
      tell(last, problem)
    }
    await pause(signal)
  }
}

/** How long until a broken stream is requested again, in ms. */
const patience = 2_000

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, patience)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop)
  })
}

async function hearEvents(id: string, tell: (job: Job) => void, signal: AbortSignal): Promise<void> {
  const response = await reached(() => fetch(withQuery('/api/job/events', { id }), { headers: mark, signal }))
  if (!response.ok || response.body === null) {
    await read(response)
    return
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reached(() => reader.read())
    if (done) return
    const events = (rest + value).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
      if (data.length > 0) tell(JSON.parse(data.join('\n')))
    }
  }
}
