import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs a program of this folder in a process of its own, so that its peak memory is its own; gives what it prints. */
export function inChild(program, args, flags = []) {
  const path = join(import.meta.dirname, 'programs', program)
  const { stdout, status, error } = spawnSync(process.execPath, [...flags, path, ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}
