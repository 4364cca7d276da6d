import fs, { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeFolder, makeTemporaryFolder } from './make-folder.js'

const purpose = { what: 'the folder of the test', suggestion: 'Set TMPDIR.', operation: 'output' } as const

async function place(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'make-folder-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('a folder that is made', () => {
  it('is for this user alone, and so is what was missing above it', async () => {
    const at = await place()
    await makeFolder(fs, join(at, 'a', 'b', 'c'), purpose)
    for (const path of ['a', 'a/b', 'a/b/c']) expect(await modeOf(join(at, path))).toBe(0o700)
  })

  it('stays as it is if it exists, also behind a link', async () => {
    const at = await place()
    await mkdir(join(at, 'there'))
    await chmod(join(at, 'there'), 0o755)
    await symlink('there', join(at, 'link'), 'junction')
    await makeFolder(fs, join(at, 'there'), purpose)
    await makeFolder(fs, join(at, 'link', 'new'), purpose)
    expect(await modeOf(join(at, 'there'))).toBe(0o755)
    expect(await readdir(join(at, 'there'))).toEqual(['new'])
  })

  it('can be made by two at once', async () => {
    const at = await place()
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(fs, join(at, 'a', 'b', 'c'), purpose)))
    expect(await readdir(join(at, 'a', 'b'))).toEqual(['c'])
  })

  it('is a new one each time if it is temporary', async () => {
    const at = join(await place(), 'missing')
    const one = await makeTemporaryFolder(fs, at, 'x-', purpose)
    const other = await makeTemporaryFolder(fs, at, 'x-', purpose)
    expect(one).not.toBe(other)
    expect(await modeOf(one)).toBe(0o700)
  })
})

describe('a folder that cannot be made', () => {
  const both = {
    'a folder': (path: string) => makeFolder(fs, path, purpose),
    'a temporary folder': (path: string) => makeTemporaryFolder(fs, path, 'x-', purpose),
  }

  it.each(Object.entries(both))('%s: a file is in the way, at its name or above', async (_, make) => {
    const file = join(await place(), 'file')
    await writeFile(file, 'content')
    for (const path of [file, join(file, 'a'), join(file, 'a', 'b')])
      await expect(make(path)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`Cannot make the folder of the test, ${path}: `),
        suggestion: 'Set TMPDIR.',
      })
  })

  it.each(Object.entries(both))('%s: a link in its path leads nowhere', async (_, make) => {
    const link = join(await place(), 'link')
    await symlink(`${link}-nowhere`, link, 'junction')
    for (const path of [link, join(link, 'a')])
      await expect(make(path)).rejects.toMatchObject({ code: 'conflict' })
  })

  it.runIf(process.platform === 'linux').each(Object.entries(both))(
    '%s: the file system takes no folders',
    async (_, make) => {
      for (const path of ['/proc/no-such', '/proc/no-such/a/b', '/proc/self/fd/a'])
        await expect(make(path)).rejects.toMatchObject({
          code: 'invalid_options',
          message: `Cannot make the folder of the test, ${path}: no folder can be made there (ENOENT)`,
        })
    },
  )

  it.each([
    ['EACCES', 'permission_denied'],
    ['EPERM', 'permission_denied'],
    ['EROFS', 'permission_denied'],
    ['ELOOP', 'permission_denied'],
    ['ENOSPC', 'no_space'],
    ['EDQUOT', 'no_space'],
    ['ENAMETOOLONG', 'invalid_options'],
    ['EMFILE', 'unavailable'],
    ['EIO', 'unavailable'],
    ['ESTALE', 'unavailable'],
  ])(
    'says %s as %s, whether the folder itself fails, one above, or what is made in it',
    async (errno, code) => {
      const refused = Object.assign(new Error(`${errno}: mkdir`), { code: errno, syscall: 'mkdir' })
      const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'mkdir' })
      const refuseAt = (place: string) => ({
        mkdir: async (path: string) => {
          if (path === place) throw refused
          if (path.startsWith(place)) throw missing
        },
        stat: async () => Promise.reject(missing),
        mkdtemp: async () => Promise.reject(refused),
      })
      const expected = {
        code,
        metadata: { path: '/a/b/c', errno },
        cause: refused,
        suggestion: 'Set TMPDIR.',
      }
      for (const at of ['/a', '/a/b', '/a/b/c'])
        await expect(makeFolder(refuseAt(at), '/a/b/c', purpose)).rejects.toMatchObject(expected)
      await expect(makeTemporaryFolder(refuseAt('/z'), '/a/b/c', 'x-', purpose)).rejects.toMatchObject(
        expected,
      )
    },
  )

  it('an error that the system did not throw stays what it is', async () => {
    const defect = new TypeError('not of the system')
    const maker = { mkdir: () => Promise.reject(defect), stat: () => Promise.reject(defect) }
    await expect(makeFolder(maker, '/a', purpose)).rejects.toBe(defect)
  })
})
