import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Disk, disk } from './disk.js'
import { leadsToFolder } from './follow-links.js'

const call = { signal: new AbortController().signal }

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 's3db-backup-links-'))
  mkdirSync(join(root, 'database'))
  mkdirSync(join(root, 'elsewhere'))
  symlinkSync(join(root, 'elsewhere'), join(root, 'database/moved'))
  symlinkSync(join(root, 'database'), join(root, 'database/back'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A disk whose file system gives every file the same number. */
const unnumbered: Disk = {
  ...disk(),
  stat: async (path, of) => {
    const found = await disk().stat(path, of)
    return found && Object.assign(found, { ino: 0 })
  },
}

const follows = (files: Disk, name: string) => {
  const database = join(root, 'database')
  return leadsToFolder(files, { link: join(database, name), way: [database], needed: false }, call)
}

it('follows a link to another folder, and none back to a folder on the way to it', async () => {
  expect(await follows(disk(), 'moved')).toBe(true)
  expect(await follows(disk(), 'back')).toBe(false)
})

it('leaves out no folder on a file system that does not number its files', async () => {
  expect(await follows(unnumbered, 'moved')).toBe(true)
})
