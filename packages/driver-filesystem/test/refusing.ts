import { execFile } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

type Errno = keyof typeof constants.errno
export type Refusals = Readonly<Partial<Record<RefusedCall, Errno>>>
type RefusedCall = 'fsync' | 'fsync-dir' | 'fdatasync' | 'fchmod' | 'chmod' | 'link' | 'rename' | 'write'

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

/** A directory to use, and what is refused there meanwhile. */
export interface Use {
  readonly path: string
  readonly key?: string
  readonly refuse?: Refusals
}

interface Process {
  /** What `refusingLibrary` gives; without it nothing is refused. */
  readonly library?: string | undefined
  readonly user?: { readonly uid?: number; readonly gid?: number }
}

/** Uses directories, one after the other, in a process of its own. */
export function useDirectories(
  uses: readonly Use[],
  { library, user = {} }: Process = {},
): Promise<Outcome[]> {
  const script = (name: string) => join(import.meta.dirname, name)
  const list = uses.map(({ path, key = 'a/b', refuse = {} }) => ({ path, key, refuse: asText(refuse) }))
  const args = ['--import', script('from-source.mjs'), script('on-file-system.mjs'), JSON.stringify(list)]
  const preload = library === undefined ? {} : { LD_PRELOAD: library, UV_USE_IO_URING: '0' }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { ...user, env: { ...process.env, ...preload } },
      (error, stdout, stderr) =>
        error === null
          ? resolve(z.array(outcomeSchema).parse(JSON.parse(stdout)))
          : reject(new Error(stderr, { cause: error })),
    )
  })
}

/** As the library reads it. */
function asText(refuse: Refusals): string {
  return Object.entries(refuse)
    .map(([call, errno]) => `${call}:${constants.errno[errno]}`)
    .join()
}
