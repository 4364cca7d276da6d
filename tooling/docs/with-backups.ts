import type { Workplace } from './workplace.ts'

/** What a block of a guide may ask for in its first line: backups in ./backups, one with the id that the guides show. */
export const withBackups = {
  need: 'a destination with backups',
  /** What is typed where a block reads a connection string. */
  typed: 'file://./restored-by-hand\n',
  make: (place: Workplace) => place.run({ document: 'scene', line: 0, language: 'js', text: scene }),
}

const scene = `
import { backup } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { databaseSource } from '@s3db-backup/s3db'
import { Database } from 's3db.js'

const db = new Database({ connectionString: 'memory://shop/live', logLevel: 'silent', exitOnSignal: false })
await db.connect()
const users = await db.createResource({ name: 'users', attributes: { name: 'string' } })
for (const id of ['ann', 'bob', 'cid']) await users.insert({ id, name: id })
const driver = filesystem({ path: './backups' })
await backup({ source: databaseSource(db), driver, id: 'full-2024-03-15T14-30-45-abc123' })
await db.disconnect()
`
