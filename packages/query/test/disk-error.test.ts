import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { diskError } from '../src/disk-error.js'
import { openQuery } from '../src/index.js'
import { memory, opened, takeAll, temporaryFolder } from './backups.js'

const told = (path: string, code: string) =>
  expect.stringMatching(new RegExp(`^Cannot write ${path}: .* \\(${code}\\)$`))

it.each([
  ['ENOSPC', 'no_space'],
  ['EDQUOT', 'no_space'],
  ['EFBIG', 'no_space'],
  ['EROFS', 'permission_denied'],
  ['EACCES', 'permission_denied'],
  ['EIO', 'unavailable'],
])('a disk that answers %s is reported as %s, with the file that could not be written', (code, kind) => {
  const error = Object.assign(new Error(code), { code, syscall: 'write' })
  expect(diskError('/folder', error)).toMatchObject({ code: kind, message: told('/folder', code) })
  const copying = Object.assign(new Error(code), { code, syscall: 'copyfile', path: '/own', dest: '/out/a' })
  expect(diskError('/folder', copying)).toMatchObject({ message: told('/out/a', code) })
  const other = new Error('a defect')
  expect(diskError('/folder', other)).toBe(other)
})

it('a folder for an export, or for what is read, that cannot be made is named', async () => {
  const driver = memory()
  const id = await takeAll(driver, [{ users: { rows: [{ id: 'a' }] } }])
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, '')
  const to = join(file, 'below')
  const named = { code: 'conflict', message: expect.stringContaining(to) }
  const session = await opened({ driver, id })
  await expect(session.export({ to, format: 'jsonl' })).rejects.toMatchObject(named)
  await expect(openQuery({ driver, id, tempDir: to })).rejects.toMatchObject(named)
})
