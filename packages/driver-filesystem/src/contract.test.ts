import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDriver } from '@s3db-backup/driver-testkit'
import { afterAll, test } from 'vitest'
import { filesystem } from './filesystem.js'

const root = mkdtempSync(join(tmpdir(), 's3db-backup-'))
afterAll(() => rmSync(root, { recursive: true }))

testDriver({
  test,
  factory: () => filesystem({ path: join(root, 'new') }),
  // A directory has no pages, and every put waits for the disk.
  manyObjects: 200,
  // The machine may be busy for longer than an abort should take.
  patience: 300_000,
})
