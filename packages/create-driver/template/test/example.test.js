import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDriver } from '@s3db-backup/driver-testkit'
import { example } from '../dist/index.js'

const folder = mkdtempSync(join(tmpdir(), 's3db-backup-driver-example-'))
after(() => rmSync(folder, { recursive: true, force: true }))

// The whole contract: one test for each case.
testDriver({ test, factory: () => example({ path: join(folder, 'backups.sqlite') }) })
