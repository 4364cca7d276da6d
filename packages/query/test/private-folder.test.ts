import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openQuery } from '../src/index.js'
import { blockWriter } from '../src/staging/block-writer.js'
import { folderPrefix, ownerFile, ownerOf } from '../src/staging/folder-owner.js'
import { privateFolder } from '../src/staging/private-folder.js'
import { sweepFolders } from '../src/staging/sweep-folders.js'
import { memory, opened, rowsOf, takeAll, temporaryFolder } from './backups.js'

/** A folder of the process as it would have left it. */
async function left(tempDir: string, name: string, owner: unknown, age = 0): Promise<string> {
  const path = join(tempDir, `${folderPrefix}${name}`)
  await mkdir(path)
  await writeFile(join(path, 'content.jsonl'), 'decrypted')
  const note = join(path, ownerFile)
  if (owner !== undefined) await writeFile(note, JSON.stringify(owner))
  const then = new Date(Date.now() - age)
  if (owner !== undefined) await utimes(note, then, then)
  await utimes(path, then, then)
  return path
}

const hour = 3_600_000
const names = async (tempDir: string) =>
  (await readdir(tempDir)).map((name) => name.replace(folderPrefix, '')).sort()

it('the next process removes the leftovers of a killed one, and nothing of a living one', async () => {
  const tempDir = await temporaryFolder()
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  const owner = await ownerOf(child.pid ?? 0)
  await left(tempDir, 'living', owner, 10 * hour)
  await left(tempDir, 'own', await ownerOf(process.pid), 10 * hour)
  await left(tempDir, 'reused number', { ...owner, started: '1' })
  await left(tempDir, 'elsewhere', { ...owner, place: 'another machine' }, hour / 2)
  await left(tempDir, 'silent elsewhere', { ...owner, place: 'another machine' }, 2 * hour)
  await left(tempDir, 'just made', undefined)
  await left(tempDir, 'never finished', undefined, 2 * hour)
  await left(tempDir, 'unreadable', 'not an owner', 2 * hour)
  await mkdir(join(tempDir, 'of somebody else'))
  await symlink(join(tempDir, 'of somebody else'), join(tempDir, `${folderPrefix}link`))
  await sweepFolders(tempDir)
  const kept = ['elsewhere', 'just made', 'link', 'living', 'of somebody else', 'own']
  expect(await names(tempDir)).toEqual(kept)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await sweepFolders(tempDir)
  expect(await names(tempDir)).toEqual(kept.filter((name) => name !== 'living'))
})

it('is removed on close, on an abort, and if it cannot be opened', async () => {
  const driver = memory()
  const id = await takeAll(driver, [{ users: { rows: [{ id: 'a' }] } }])
  const session = await opened({ driver, id })
  await rowsOf(session, 'FROM users')
  expect((await readdir(session.tempDir)).length).toBe(1)
  await session.close()
  expect(await readdir(session.tempDir)).toEqual([])
  await expect(session.query('FROM users')).rejects.toThrow('was closed')

  const controller = new AbortController()
  const aborted = await opened({ driver, id, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(aborted.query('FROM users')).rejects.toThrow('enough')
  await aborted.close()
  expect(await readdir(aborted.tempDir)).toEqual([])
})

it('does not stay after an abort that comes while it is made', async () => {
  const driver = memory()
  const id = await takeAll(driver, [{ users: { rows: [{ id: 'a' }] } }])
  const tempDir = await temporaryFolder()
  const abort = new AbortController()
  const watcher = watch(tempDir, () => abort.abort(new Error('enough')))
  onTestFinished(() => watcher.close())
  await openQuery({ driver, id, tempDir, signal: abort.signal }).catch(() => undefined)
  await expect.poll(() => abort.signal.aborted).toBe(true)
  await expect.poll(() => readdir(tempDir)).toEqual([])
})

it('is removed when the process ends without closing it', async () => {
  const tempDir = await temporaryFolder()
  const program = `
    const { privateFolder } = await import(${JSON.stringify(new URL('../src/staging/private-folder.ts', import.meta.url).href)})
    await privateFolder(${JSON.stringify(tempDir)})
    process.exit(3)`
  const fromSource = new URL('../../../apps/plugin/test/from-source.mjs', import.meta.url).href
  const child = spawn(process.execPath, ['--import', fromSource, '--input-type=module', '-e', program], {
    stdio: 'inherit',
  })
  expect(await once(child, 'exit')).toEqual([3, null])
  expect(await readdir(tempDir)).toEqual([])
})

it('two in one process are separate', async () => {
  const tempDir = await temporaryFolder()
  const [one, other] = await Promise.all([privateFolder(tempDir), privateFolder(tempDir)])
  expect(one.path).not.toBe(other.path)
  await one.remove()
  expect(await readdir(tempDir)).toEqual([other.path.slice(tempDir.length + 1)])
  await other.remove()
})

it('names the folder in which it cannot be made, and what to set', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, 'in the way')
  for (const tempDir of [file, join(file, 'deep')])
    await expect(privateFolder(tempDir)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(tempDir),
      suggestion: expect.stringContaining('TMPDIR'),
    })
})

it('a disk that fills up while it is written is no_space, and names the file', async () => {
  const full = Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC', syscall: 'write' })
  const handle = { writev: () => Promise.reject(full) }
  const writer = blockWriter(handle, '/tmp/private/1.jsonl')
  await writer.write(Buffer.alloc(10))
  await expect(writer.flush()).rejects.toMatchObject({
    code: 'no_space',
    message:
      'Cannot use /tmp/private/1.jsonl: the disk is full. Free some space, or choose another path (ENOSPC)',
    suggestion: expect.stringContaining('TMPDIR'),
  })
})
