import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { type Host, run } from '../src/run.js'
import { checkDocuments } from './documents.js'
import { cleanEnvironment, type Outcome, type Surroundings } from './surroundings.js'

/** A directory and an environment belong to the whole process, so one command runs after the other. */
let previous: Promise<unknown> = Promise.resolve()

/** Runs the command in this process, as if it had no terminal, and gives what it prints and its exit code. */
export function command(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const outcome = previous.then(() => inSurroundings(surroundings, () => outcomeOf(args)))
  previous = outcome.catch(() => undefined)
  return outcome
}

async function outcomeOf(args: readonly string[]): Promise<Outcome> {
  const printed = { stdout: '', stderr: '' }
  const strays = (['stdout', 'stderr'] as const).map((name) => catchStrays(name, printed))
  try {
    const code = await run(args, hostOf(printed))
    checkDocuments(args, { code, ...printed })
    return { code, ...printed }
  } finally {
    for (const release of strays) release()
  }
}

function hostOf(printed: { stdout: string; stderr: string }): Host {
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _, done) {
        printed[name] += chunk
        done()
      },
    }) as Host['stdout'] & Host['stderr']
  return Object.assign(new EventEmitter(), {
    stdin: Readable.from([]) as Host['stdin'],
    stdout: into('stdout'),
    stderr: into('stderr'),
    env: process.env,
    exit(code: number): never {
      throw new Error(`The command would end the whole process, with ${code}`)
    },
  })
}

/** What is printed past the streams of the command, by it or by what it uses, a user would see as well. */
function catchStrays(name: 'stdout' | 'stderr', printed: Record<typeof name, string>): () => void {
  const stream = process[name]
  const { write } = stream
  stream.write = (chunk: string | Uint8Array) => {
    printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    return true
  }
  return () => {
    stream.write = write
  }
}

async function inSurroundings<T>({ cwd, env }: Surroundings, work: () => Promise<T>): Promise<T> {
  const before = { cwd: process.cwd(), env: { ...process.env } }
  process.chdir(cwd)
  setEnvironment(cleanEnvironment(env))
  try {
    return await work()
  } finally {
    setEnvironment(before.env)
    process.chdir(before.cwd)
  }
}

/** What runs the tests keeps what it needs. */
function setEnvironment(wanted: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env))
    if (!(name in wanted) && !name.startsWith('VITEST')) delete process.env[name]
  Object.assign(process.env, wanted)
}
