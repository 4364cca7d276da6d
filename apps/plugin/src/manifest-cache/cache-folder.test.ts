import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownFolder } from './cache-folder.js'

test.runIf(process.platform === 'linux')(
  'a cache below a folder that takes no folders is refused, and not tried for ever',
  async () => {
    await expect(ownFolder('/proc/nope/.cache/s3db-backup')).rejects.toMatchObject({
      code: 'invalid_options',
    })
  },
)

test('a cache is made with the folders above it, each for its user alone, and found again', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cache-folder-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'a/b/c')
  await ownFolder(folder)
  await ownFolder(folder)
  for (const made of [join(root, 'a'), join(root, 'a/b'), folder])
    expect((await stat(made)).mode & 0o777).toBe(0o700)
})
