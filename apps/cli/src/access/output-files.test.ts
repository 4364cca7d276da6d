import { execFileSync, spawnSync } from 'node:child_process'
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeNew, writeWhole } from './output-files.js'

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

test.skipIf(process.platform === 'win32')(
  'a new key is there whole or not at all: nothing of it stays where it does not fit',
  async () => {
    const at = await folder()
    const file = join(at, 'backup.key')
    const bin = join(import.meta.dirname, '../../dist/bin.js')
    // No file may have a byte, and the process is told so instead of being killed.
    const limited = `trap '' XFSZ; ulimit -f 0; exec "$@"`
    const keygen = [process.execPath, bin, 'keygen', '--out', file]
    const { stderr } = spawnSync('bash', ['-c', limited, 'bash', ...keygen], { encoding: 'utf8' })
    expect(stderr).toContain(`Cannot write ${file}`)
    expect(stderr).toContain('EFBIG')
    expect(await readdir(at)).toEqual([])
    await writeNew(file, 'the key')
    expect((await lstat(file)).mode & 0o777).toBe(0o600)
    await expect(writeNew(file, 'another')).rejects.toMatchObject({ code: 'conflict' })
    expect(await readFile(file, 'utf8')).toBe('the key')
  },
)
