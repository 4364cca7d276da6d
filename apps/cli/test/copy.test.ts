import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { changePeople, makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

const { bucket, endpoint } = await s3Server()

/** A database with an encrypted chain of two backups. */
async function chain() {
  const cwd = await temporaryFolder()
  const env = {
    S3DB_CONNECTION: `file://${cwd}/database`,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: endpoint.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.credentials.secretAccessKey,
  }
  const run = (...args: string[]) => command(args, { cwd, env })
  await makeDatabase(join(cwd, 'database'))
  await run('keygen', '--out', 'backup.key')
  const full = (await run('backup', '-q', '--key-file', 'backup.key')).stdout.trim()
  await changePeople(join(cwd, 'database'))
  const last = (await run('backup', 'incremental', '-q', '--key-file', 'backup.key')).stdout.trim()
  return { cwd, run, full, last }
}

test('a backup is copied with its ancestors, byte for byte, into a folder and from there into a bucket', async () => {
  const { cwd, run, full, last } = await chain()
  const copied = await run('copy', 'latest', '--to', 'elsewhere', '--json')
  expect(copied).toMatchObject({ code: 0 })
  expect(
    JSON.parse(copied.stdout)
      .copied.map((one: { id: string }) => one.id)
      .sort(),
  ).toEqual([full, last].sort())
  for (const id of [full, last])
    for (const file of await readdir(join(cwd, 'backups', id)))
      if (file !== 'started.json')
        expect(await readFile(join(cwd, 'elsewhere', id, file))).toEqual(
          await readFile(join(cwd, 'backups', id, file)),
        )
  expect(await run('copy', last, '--to', 'elsewhere')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('It is already there'),
  })
  const address = `s3://${bucket.name}/copies`
  expect(await run('copy', last, '--path', 'elsewhere', '--to', address)).toMatchObject({ code: 0 })
  expect(await run('verify', last, '--path', address, '--key-file', 'backup.key')).toMatchObject({ code: 0 })
})

test('a backup that is missing or lacks an ancestor is not copied, and nothing is created', async () => {
  const { cwd, run, full, last } = await chain()
  expect(await run('copy', 'nothing', '--to', 'elsewhere')).toMatchObject({ code: 3 })
  await rm(join(cwd, 'backups', full), { recursive: true })
  expect(await run('copy', last, '--to', 'elsewhere')).toMatchObject({ code: 10 })
  expect(await run('copy', last, '--to', 'b2:bucket')).toMatchObject({ code: 2 })
  expect(await readdir(cwd)).not.toContain('elsewhere')
})
