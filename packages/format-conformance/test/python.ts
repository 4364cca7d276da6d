import { spawnSync } from 'node:child_process'

/** Debian's, 3.11 or newer. */
export const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0

/** For the name of what is skipped. */
export const withoutPython = hasPython ? '' : ' (skipped: there is no python3 of 3.11 or newer)'

/** Runs a program; what it prints. Fails with what it complains of. */
export function python(args: readonly string[], input: unknown): string {
  const { stdout, stderr, status } = spawnSync('python3', args, {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0 || stderr !== '') throw new Error(`python3 ended with ${status}: ${stderr}`)
  return stdout
}
