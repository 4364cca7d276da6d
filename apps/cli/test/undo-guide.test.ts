import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { temporaryFolder } from './surroundings.js'

const minute = 60_000
const clock = { now: Date.now() - 30 * minute }
const s3 = await s3Server({}, { now: () => clock.now, wholeSeconds: true })

const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/undo-a-bad-deploy.md'), 'utf8')

/** The lines of the guide that call the command, as words. */
const lines = [...guide.matchAll(/```bash\n(.*?)```/gs)]
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.startsWith('s3db-backup '))
  .map((line) =>
    [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(1),
  )

test('every command of "Undo a bad deploy" works, in the order of the page', async () => {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const connection = `${s3.address('shop', bucket)}?forcePathStyle=true`
  const cwd = await temporaryFolder()
  const options = { connectionString: connection, logLevel: 'silent', exitOnSignal: false, ...onS3 } as const
  const database = new Database(options)
  await database.connect()
  const users = await database.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const id of ['ann', 'bob', 'cid']) await users.insert({ id, name: id })
  clock.now = Date.now() - 5 * minute
  await users.replace('ann', { name: 'nonsense' })
  await users.delete('bob')
  await users.insert({ id: 'new', name: 'new' })
  clock.now = Date.now()
  expect(lines.length).toBeGreaterThan(6)
  const printed: string[] = []
  for (const words of lines) {
    const done = await command(words, { cwd, env: { S3DB_CONNECTION: connection } })
    expect([words.join(' '), done.code, done.stderr.includes('rror')]).toEqual([words.join(' '), 0, false])
    printed.push(done.stdout)
    clock.now = Date.now()
  }
  expect(printed[1]).toContain('~ users ann: name')
  expect(await users.get('ann')).toMatchObject({ name: 'ann' })
  expect((await users.listIds()).sort()).toEqual(['ann', 'bob', 'cid', 'new'])
  await database.disconnect()
})
