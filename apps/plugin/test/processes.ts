import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** What a process says, one line of JSON each. */
export interface Line {
  readonly ready?: true
  readonly started?: string
  readonly failed?: string
  readonly result?: Record<string, unknown> | null
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string }
}

export interface Process {
  readonly child: ChildProcess
  /** Waits for a line that has this. Rejects once the process has ended without. */
  said(what: keyof Line): Promise<Line>
  /** The line with its result or its error. */
  outcome(): Promise<Line>
  /** Kills the process as `kill -9` does, and waits for its end. */
  kill(): Promise<void>
}

const here = import.meta.dirname
const command = (script: string, args: readonly string[]): string[] => [
  '--import',
  join(here, 'from-source.mjs'),
  join(here, script),
  ...args,
]

/** Starts `process.mjs` with these instructions. */
export function start(instructions: object): Process {
  return startScript('process.mjs', [JSON.stringify(instructions)], process.env)
}

/** What a script of this directory says last, in this environment and no other. */
export function runScript(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Line> {
  return startScript(script, args, env).outcome()
}

function startScript(script: string, args: readonly string[], env: NodeJS.ProcessEnv): Process {
  return follow(spawn(process.execPath, command(script, args), { stdio: ['ignore', 'pipe', 'inherit'], env }))
}

/** What the process says last. */
export function run(instructions: object): Promise<Line> {
  return start(instructions).outcome()
}

/** Runs the script that it is given with mounts of its own (unshare(1)). */
const namespace = 'exec unshare --map-root-user --mount sh -ec "$1"'

/** Why no process can have mounts of its own here: only Linux has them, and not every system lets everybody. */
export function namespacesRefused(): string | undefined {
  const script = 'mount -t tmpfs tmpfs /tmp && mount -o remount,bind,ro /'
  const { status, stderr, error } = spawnSync('sh', ['-c', namespace, 'sh', script], { encoding: 'utf8' })
  return status === 0 ? undefined : `no mount namespace can be made here: ${error?.message ?? stderr}`
}

/**
 * A script of the shell in a mount namespace of its own, where `$NODE` runs a file of this directory, `$HERE`, in the
 * repository at `$ROOT`.
 */
export function inNamespace(
  script: string,
  { env, cwd = here }: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
): Process {
  const child = spawn('sh', ['-c', namespace, 'sh', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd,
    env: { PATH: process.env.PATH, ...env, NODE: process.execPath, HERE: here, ROOT: join(here, '../../..') },
  })
  return follow(child)
}

function follow(child: ChildProcess): Process {
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: Line[] = []
  let wake = (): void => undefined
  let ended = false
  const { stdout } = child
  if (stdout === null) throw new Error('the child has no output')
  createInterface({ input: stdout })
    .on('line', (line) => {
      lines.push(JSON.parse(line))
      wake()
    })
    .on('close', () => {
      ended = true
      wake()
    })
  const waiting: (() => void)[] = []
  wake = () => {
    for (const next of waiting.splice(0)) next()
  }
  const first = async (...wanted: readonly (keyof Line)[]): Promise<Line> => {
    for (;;) {
      const line = lines.find((each) => wanted.some((what) => what in each))
      if (line !== undefined) return line
      if (ended) throw new Error(`the process ended without ${wanted}: ${JSON.stringify(lines)}`)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return {
    child,
    said: (what) => first(what),
    outcome: () => first('result', 'error'),
    async kill() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}
