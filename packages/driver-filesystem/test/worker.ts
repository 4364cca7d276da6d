import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** What a process is told to do. */
export interface Job {
  readonly work: 'backup' | 'prune' | 'restore' | 'undelete' | 'purge'
  readonly [detail: string]: unknown
}

/** What became of a job: its result, or the code of the error it failed with. */
export interface Outcome {
  readonly done?: unknown
  readonly failed?: string
}

/** A process that does jobs over a directory, one storage step at a time. */
export interface Worker {
  /** The steps that it waits to be allowed, the oldest first. */
  readonly waiting: { readonly step: number; readonly what: string }[]
  start(path: string, job: Job): Promise<Outcome>
  /** Resolves when it comes to a step, or ends its job. */
  somethingNew(): Promise<void>
  go(): void
  stop(): void
}

/** Starts a process of its own and waits until it is ready. */
export async function worker(): Promise<Worker> {
  const script = join(import.meta.dirname, 'deletion-worker.mjs')
  const child: ChildProcess = fork(script, {
    execArgv: ['--import', join(import.meta.dirname, 'from-source.mjs')],
  })
  await once(child, 'message')
  const waiting: { step: number; what: string }[] = []
  let tell: () => void = () => undefined
  let finish: (outcome: Outcome) => void = () => undefined
  child.on('message', (message: { step?: number; what?: string } & Outcome) => {
    if (message.step === undefined) finish(message)
    else waiting.push({ step: message.step, what: message.what ?? '' })
    tell()
  })
  return {
    waiting,
    start: (path, job) =>
      new Promise((resolve) => {
        finish = resolve
        child.send({ ...job, path })
      }),
    somethingNew: () =>
      new Promise((resolve) => {
        tell = resolve
      }),
    go() {
      const next = waiting.shift()
      if (next !== undefined) child.send({ go: next.step })
    },
    stop: () => void child.kill(),
  }
}

/** Says which of those that could take a step (`able`) takes one. `busy` are all that have not ended their jobs. */
export type Choose = (able: readonly Worker[], busy: ReadonlySet<Worker>) => Worker | undefined

/** Lets processes do their jobs over one directory, each of their storage steps in the order that `choose` says. */
export async function together(
  workers: readonly Worker[],
  path: string,
  jobs: readonly Job[],
  choose: Choose,
): Promise<Outcome[]> {
  const busy = new Set<Worker>()
  const outcomes = workers.map(async (one, index) => {
    const job = jobs[index]
    if (job === undefined) throw new Error('There is a job for each of the workers')
    busy.add(one)
    const outcome = await one.start(path, job)
    busy.delete(one)
    return outcome
  })
  while (busy.size > 0) {
    const news = [...busy].map((one) => one.somethingNew())
    const able = [...busy].filter(({ waiting }) => waiting.length > 0)
    const next = choose(able, busy)
    if (next !== undefined && able.includes(next)) next.go()
    // A released step may itself wait for one that is already there.
    await Promise.race([...news, pause(5)])
  }
  return Promise.all(outcomes)
}
