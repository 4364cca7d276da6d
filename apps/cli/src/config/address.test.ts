import { join } from 'node:path'
import { isBackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { destinationAt } from './address.js'

const refusal = (text: string) => {
  try {
    return destinationAt(text, {})
  } catch (error) {
    return isBackupError(error) ? error.message : error
  }
}

test('an address of S3 is a bucket and a prefix, which may be a template', () => {
  expect(destinationAt('s3://bucket', {})).toEqual({ driver: 's3', config: { bucket: 'bucket', path: '' } })
  expect(destinationAt('s3://bucket/a/{date}/', {})?.config).toEqual({ bucket: 'bucket', path: 'a/{date}/' })
})

test('further settings of a bucket follow a question mark, or are in variables', () => {
  const address =
    's3://b/p?region=eu-central-1&endpoint=http%3A%2F%2F127.0.0.1%3A9000&profile=backup&forcePathStyle=false'
  expect(destinationAt(`${address}&storageClass=GLACIER_IR&sse=aws:kms&kmsKeyId=k`, {})?.config).toEqual({
    bucket: 'b',
    path: 'p',
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:9000',
    profile: 'backup',
    forcePathStyle: false,
    storageClass: 'GLACIER_IR',
    serverSideEncryption: 'aws:kms',
    kmsKeyId: 'k',
  })
  const variables = {
    AWS_ENDPOINT_URL: 'https://s3.example.com',
    S3DB_BACKUP_STORAGE_CLASS: 'STANDARD_IA',
    S3DB_BACKUP_SSE: 'AES256',
  }
  expect(destinationAt('s3://b?sse=aws:kms', variables)?.config).toEqual({
    bucket: 'b',
    path: '',
    endpoint: 'https://s3.example.com',
    storageClass: 'STANDARD_IA',
    serverSideEncryption: 'aws:kms',
  })
  expect(destinationAt('s3://KEY:a%2Fb@bucket/p', {})?.config.credentials).toEqual({
    accessKeyId: 'KEY',
    secretAccessKey: 'a/b',
  })
})

test('a file address is a folder, and a path is not an address', () => {
  expect(destinationAt('file:///srv/backups/{date}', {})?.config).toEqual({ path: '/srv/backups/{date}' })
  expect(destinationAt('file://./backups', {})?.config).toEqual({ path: './backups' })
  for (const path of ['./backups', 'backups', '/srv/a:b', './s3:', 'C:\\backups', join('~', 'b'), '{date}/x'])
    expect(destinationAt(path, {})).toBeUndefined()
})

test('anything else that looks like an address is refused, and never becomes a folder of that name', () => {
  expect(refusal('s4://bucket')).toBe('Cannot store backups at s4: (did you mean "s3"?)')
  for (const text of [
    'https://host/bucket',
    'b2:bucket:path',
    'sftp:me@host:/x',
    'rclone:remote:x',
    'gs://b',
  ])
    expect(refusal(text)).toContain('Cannot store backups at')
  for (const text of [
    's3:bucket',
    's3:/bucket',
    's3://',
    's3:///x',
    's3://KEY@bucket',
    'file:x',
    'file://host/x',
  ])
    expect(refusal(text)).toEqual(expect.any(String))
  expect(refusal('s3://bucket?regoin=x')).toContain('unknown option regoin (did you mean "region"?)')
})
