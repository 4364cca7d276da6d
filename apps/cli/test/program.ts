import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkDocuments } from './documents.js'
import { cleanEnvironment, type Outcome, type Surroundings } from './surroundings.js'

/** The built command, as users get it. */
export const bin = join(import.meta.dirname, '../dist/bin.js')
if (!existsSync(bin)) throw new Error('These tests run the built command: pnpm run build')

/** Starts the command in a process of its own, without a terminal. */
export function start(args: readonly string[], { cwd, env }: Surroundings) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const checked = outcomeOf(child).then((outcome) => {
    checkDocuments(args, outcome)
    return outcome
  })
  return { child, outcome: checked }
}

/** Runs the command to its end in a process of its own. */
export function program(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
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
