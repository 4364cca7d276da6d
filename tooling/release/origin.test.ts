import { expect, test } from 'vitest'
import { published } from '../pack-check/packages.mjs'
import { repositoryHere, repositoryOn, withRepository } from './origin.mjs'

test.each([
  'https://github.com/acme/s3db-backup.git',
  'https://github.com/acme/s3db-backup',
  'https://x-access-token:abc@github.com/acme/s3db-backup.git',
  'git@github.com:acme/s3db-backup.git',
  'ssh://git@github.com/acme/s3db-backup.git',
])('%s is a repository on GitHub', (address) => {
  expect(repositoryOn({ address })).toBe('acme/s3db-backup')
})

test.each([
  '/home/me/s3db-backup',
  '',
  undefined,
  'https://example.com/acme/s3db-backup',
  'https://github.com/acme',
])('%s is not one', (address) => {
  expect(repositoryOn({ address })).toBeUndefined()
})

test('GITHUB_REPOSITORY takes precedence over the origin, and is parsed as strictly', () => {
  expect(repositoryHere({ GITHUB_REPOSITORY: 'fork/s3db-backup' })).toBe('fork/s3db-backup')
  expect(repositoryHere({ GITHUB_REPOSITORY: 'no repository' })).toBeUndefined()
})

test('a package links to its source, its page and its issues', () => {
  expect(withRepository({ name: 'x' }, 'acme/s3db-backup', 'packages/x')).toEqual({
    name: 'x',
    homepage: 'https://github.com/acme/s3db-backup/tree/main/packages/x#readme',
    bugs: { url: 'https://github.com/acme/s3db-backup/issues' },
    repository: { type: 'git', url: 'git+https://github.com/acme/s3db-backup.git', directory: 'packages/x' },
  })
})

test('every package has keywords', () => {
  for (const { manifest } of published) {
    expect(manifest.keywords, manifest.name).toEqual(expect.arrayContaining(['backup', 's3db', 's3db.js']))
    expect(new Set(manifest.keywords).size, manifest.name).toBe(manifest.keywords.length)
  }
})
