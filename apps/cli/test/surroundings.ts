import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

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
  // Tests must not leave manifests in the cache of the user who runs them.
  const cache = join(tmpdir(), 's3db-backup-test-cache')
  return { PATH, HOME, XDG_CACHE_HOME: cache, TERM: 'xterm-256color', ...more }
}

/** An empty folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
