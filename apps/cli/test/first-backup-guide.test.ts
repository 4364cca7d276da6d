import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const s3 = await s3Server()
const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/first-backup-to-s3.md'), 'utf8')
const blocks = [...guide.matchAll(/```bash\n(.*?)```/gs)].flatMap(([, block = '']) => block.split('\n'))

test('every command of "First backup to S3" works, in the order of the page', async () => {
  const backups = await s3.anotherBucket()
  const { accessKeyId, secretAccessKey } = s3.endpoint.credentials
  const connection = `${s3.address('databases/shop')}?forcePathStyle=true`
  const path = `s3://${backups.name}/shop?endpoint=${s3.proxy.url}&provider=minio`
  const cwd = await temporaryFolder()
  const database = new Database({
    connectionString: connection,
    logLevel: 'silent',
    exitOnSignal: false,
    ...onS3,
  })
  await database.connect()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'ann', name: 'Ann' })
  await database.disconnect()

  // The page sets these two; here they name the server of the test.
  const names = blocks.flatMap((line) => /^export (\w+)=/.exec(line)?.[1] ?? [])
  expect(names).toEqual(['S3DB_CONNECTION', 'S3DB_BACKUP_PATH'])
  const env = {
    S3DB_CONNECTION: connection,
    S3DB_BACKUP_PATH: path,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const lines = blocks
    .filter((line) => line.startsWith('s3db-backup '))
    .map((line) => line.replaceAll('$PWD', cwd).replaceAll('$S3DB_BACKUP_PATH', path))
  expect(lines.length).toBe(7)
  const printed: string[] = []
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
    const done = await command(words.slice(1), { cwd, env })
    expect([line, done.code, done.stderr]).toEqual([line, 0, expect.not.stringContaining('rror')])
    printed.push(done.stdout)
  }
  expect(printed[4]).toContain('passed')
  expect(existsSync(join(cwd, 'look'))).toBe(true)
  expect(existsSync(join(cwd, 's3db-backup.config.json'))).toBe(true)
})
