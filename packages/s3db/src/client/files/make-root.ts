import fs from 'node:fs/promises'
import { makeFolder } from '@s3db-backup/core/internal'
import type { Client } from '../database.js'
import { fileReads } from './file-database.js'

/**
 * Makes the folder of a `file://` database where it is missing. s3db.js makes it on connecting, and never ends where the
 * file system takes no folders. Does nothing for any other database.
 *
 * @throws BackupError by cause, naming the folder.
 */
export async function makeRoot(client: Client): Promise<void> {
  const files = fileReads(client)
  if (files !== undefined) await makeFolder(fs, files.database.root, purpose, asTheUmaskAllows)
}

const purpose = {
  what: 'the folder of the database',
  suggestion: 'Check the path of the database, or choose another one.',
  operation: 'restore',
} as const

/** As s3db.js makes it. */
const asTheUmaskAllows = 0o777
