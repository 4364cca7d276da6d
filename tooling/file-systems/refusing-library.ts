import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

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
