import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** The built command, as users get it. */
export const bin = join(import.meta.dirname, '../dist/bin.js')
if (!existsSync(bin)) throw new Error('These tests run the built command: pnpm run build')

// Each command is a process of its own, and machines that run tests are busy.
vi.setConfig({ testTimeout: 60_000 })

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Surroundings {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** The environment of a person who has set nothing, whatever the one of this test run is. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '' } = process.env
  return { PATH, HOME, TERM: 'xterm-256color', ...more }
}

/** Starts the command without a terminal. */
export function start(args: readonly string[], { cwd, env }: Surroundings) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { child, outcome: outcomeOf(child) }
}

/** Runs the command to its end. */
export function command(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  return start(args, surroundings).outcome
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** An empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
