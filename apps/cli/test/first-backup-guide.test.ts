import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const s3 = await s3Server()
const linesOf = (document: string, block: RegExp) =>
  [...readFileSync(join(import.meta.dirname, '../../..', document), 'utf8').matchAll(block)].flatMap(
    ([text]) => text.split('\n'),
  )
const bash = /```bash\n.*?```/gs
/** A block that exports the address of a database in S3. */
const toS3 = /```sh\n(?:(?!```).)*?export S3DB_CONNECTION=.*?```/gs

test.each([
  { document: 'docs/guides/first-backup-to-s3.md', block: bash, commands: 7 },
  { document: 'README.md', block: toS3, commands: 3 },
  { document: 'docs/guides/s3-compatible-storage.md', block: toS3, commands: 1 },
])(
  'every command to S3 of $document works, in the order of the page',
  async ({ document, block, commands }) => {
    const blocks = linesOf(document, block)
    const backups = await s3.anotherBucket()
    const { accessKeyId, secretAccessKey } = s3.endpoint.credentials
    const connection = `${s3.address(`databases/${backups.name}`)}?forcePathStyle=true`
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
    const names = blocks.flatMap((line) => /^export (S3DB_\w+)=/.exec(line)?.[1] ?? [])
    expect(names).toEqual(['S3DB_CONNECTION', 'S3DB_BACKUP_PATH'])
    const env = {
      S3DB_CONNECTION: connection,
      S3DB_BACKUP_PATH: path,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    }
    const lines = blocks
      .filter((line) => line.startsWith('s3db-backup '))
      .map((line) => line.replace(/ +#.*/, '').replaceAll('$PWD', cwd).replaceAll('$S3DB_BACKUP_PATH', path))
    expect(lines.length).toBe(commands)
    const printed: string[] = []
    for (const line of lines) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const done = await command(words.slice(1), { cwd, env })
      expect([line, done.code, done.stderr]).toEqual([line, 0, expect.not.stringContaining('rror')])
      printed.push(done.stdout)
    }
    const drill = lines.findIndex((line) => line.includes('--level restore'))
    if (commands > 1) expect(printed[drill]).toContain('passed')
    const isGuide = document.endsWith('first-backup-to-s3.md')
    expect(existsSync(join(cwd, 'look'))).toBe(isGuide)
    expect(existsSync(join(cwd, 's3db-backup.config.json'))).toBe(isGuide)
  },
)
