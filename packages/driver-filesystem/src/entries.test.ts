import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { refusingLibrary } from '../../../tooling/file-systems/refusing-library.ts'
import { scratch } from '../test/scratch.js'

// Starts another process, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000 })

const library = refusingLibrary()

/** What a process lists that meets deletions, on a file system that says what each entry is, or on one that does not. */
function listBesideDeletion(env: NodeJS.ProcessEnv): unknown {
  const script = (name: string) => join(import.meta.dirname, '../test', name)
  const args = ['--import', script('from-source.mjs'), script('list-beside-deletion.mjs'), scratch()]
  return JSON.parse(
    execFileSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8' }),
  )
}

const all = { stayed: 990, twice: 0 }

test('a file that is deleted meanwhile hides no other', () => {
  expect(listBesideDeletion({})).toEqual(all)
})

test.runIf(library !== undefined)('nor on a file system that does not say what an entry is', () => {
  expect(listBesideDeletion({ LD_PRELOAD: library, UNTYPED: '1', UV_USE_IO_URING: '0' })).toEqual(all)
})
