import { execFileSync } from 'node:child_process'
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeWhole } from './output-files.js'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

test.skipIf(process.platform === 'win32')(
  'a report written to a pipe goes through it, and the pipe stays one',
  async () => {
    const pipe = join(await folder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const [read] = await Promise.all([readFile(pipe, 'utf8'), writeWhole(pipe, 'the report')])
    expect(read).toBe('the report')
    expect((await lstat(pipe)).isFIFO()).toBe(true)
  },
)

test('a report written to a link replaces the file behind it, and the link stays one', async () => {
  const at = await folder()
  await writeFile(join(at, 'file'), 'before')
  await symlink('file', join(at, 'link'))
  await writeWhole(join(at, 'link'), 'after')
  expect(await readFile(join(at, 'file'), 'utf8')).toBe('after')
  expect((await lstat(join(at, 'link'))).isSymbolicLink()).toBe(true)
  expect((await readdir(at)).sort()).toEqual(['file', 'link'])
})
