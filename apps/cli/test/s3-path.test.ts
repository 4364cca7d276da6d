import { expect, test } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

const { bucket, endpoint } = await s3Server()

test('S3DB_BACKUP_PATH and the AWS environment are a complete configuration', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(`${cwd}/database`)
  const env = {
    S3DB_CONNECTION: `file://${cwd}/database`,
    S3DB_BACKUP_PATH: `s3://${bucket.name}/cli/{year}`,
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: endpoint.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.credentials.secretAccessKey,
  }
  const made = await command(['backup', '--json'], { cwd, env })
  expect(made).toMatchObject({ code: 0 })
  const { id, path } = JSON.parse(made.stdout)
  expect(path).toBe(`s3://${bucket.name}/cli/${new Date().getUTCFullYear()}/${id}`)
  expect(await command(['verify', id], { cwd, env })).toMatchObject({ code: 0 })
  const { AWS_ENDPOINT_URL: _endpoint, ...others } = env
  const said = `s3://${bucket.name}/cli?endpoint=${encodeURIComponent(endpoint.url)}`
  const listed = await command(['list', '--quiet', '--path', said], { cwd, env: others })
  expect(listed).toMatchObject({ code: 0, stdout: `${id}\n` })
})

test('a mistyped parameter or a contradictory driver is refused', async () => {
  const cwd = await temporaryFolder()
  expect(await command(['list', '--path', 's3://b/x?storageclass=X'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "storageClass"?'),
  })
  expect(await command(['list', '--path', 's3://b/x', '--driver', 'multi'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--driver is multi'),
  })
})
