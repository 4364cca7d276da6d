import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import * as z from 'zod'

export type Errno = keyof typeof constants.errno
type Refusals = Readonly<Partial<Record<RefusedCall, Errno>>>
export type RefusedCall =
  | 'fsync'
  | 'fsync-dir'
  | 'fdatasync'
  | 'fchmod'
  | 'chmod'
  | 'link'
  | 'rename'
  | 'write'

const warning = z.object({ code: z.string(), message: z.string(), suggestion: z.string() })
const finding = z.object({ check: z.string(), level: z.string(), message: z.string() })
const outcomeSchema = z.object({
  put: z.unknown(),
  again: z.unknown(),
  second: z.unknown(),
  listed: z.unknown(),
  read: z.unknown(),
  removed: z.unknown(),
  warnings: z.array(warning),
  findings: z.array(finding),
})

/** What a process met that used a directory as a driver does. */
export type Outcome = z.output<typeof outcomeSchema>

/** A library for LD_PRELOAD that lets calls fail; none where there is no compiler for it. Removed after the tests. */
export function refusingLibrary(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-refusals-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const library = join(folder, 'refusals.so')
  const source = join(import.meta.dirname, 'refusals.c')
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'ignore' })
    return library
  } catch {
    return undefined
  }
}

/** Uses a directory in a process of its own, where calls below it fail as told. */
export function useDirectory(
  path: string,
  {
    library,
    refuse = {},
    user = {},
  }: { library?: string; refuse?: Refusals; user?: { uid?: number; gid?: number } },
  key = 'a/b',
): Promise<Outcome> {
  const REFUSE = Object.entries(refuse)
    .map(([call, errno]) => `${call}:${constants.errno[errno]}`)
    .join()
  const preload =
    library === undefined ? {} : { LD_PRELOAD: library, REFUSE, BELOW: path, UV_USE_IO_URING: '0' }
  const script = (name: string) => join(import.meta.dirname, name)
  const args = ['--import', script('from-source.mjs'), script('on-file-system.mjs'), path, key, 'remove']
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { ...user, env: { ...process.env, ...preload } },
      (error, stdout, stderr) =>
        error === null
          ? resolve(outcomeSchema.parse(JSON.parse(stdout)))
          : reject(new Error(stderr, { cause: error })),
    )
  })
}
