import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compareIds } from '@s3db-backup/core'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { disk } from './disk.js'
import type { FileDatabase } from './file-database.js'
import { listFiles } from './list-files.js'

const call = { signal: new AbortController().signal }

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'list-files-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The keys that these files are listed with, a page of three at a time. */
async function keysOf(
  files: readonly string[],
  { prefix = '', ...database }: Partial<FileDatabase> & { readonly prefix?: string } = {},
): Promise<string[]> {
  const root = mkdtempSync(join(scratch(), 'db-'))
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '')
  }
  const reads = {
    database: { root, keyPrefix: '', expires: false, copySuffix: undefined, ...database },
    files: disk(),
  }
  const listed = await listFiles(reads, prefix, call)
  const pages = [...listed.pages(3)]
  expect(pages.slice(0, -1).every((page) => page.length === 3)).toBe(true)
  const keys = pages.flat().map(({ key }) => key)
  expect(listed.size()).toBe(keys.length)
  return keys
}

/** Names whose order changes with the slash behind a folder's. */
const name = fc.stringMatching(/^[a-b!.0=\-~é\u{1F600}\uFF21]{1,3}$/u).filter((each) => !/^\.+$/.test(each))

it('lists any tree of folders in the order of the bytes of its keys, each object once', async () => {
  const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
  const keys = fc.uniqueArray(key, { maxLength: 12 }).map((all) => {
    // What is a folder is no file.
    return all.filter((each) => !all.some((other) => other.startsWith(`${each}/`)))
  })
  await fc.assert(
    fc.asyncProperty(keys, async (all) => {
      const files = all.flatMap((each) => [each, `${each}.meta.json`])
      expect(await keysOf(files)).toEqual(all.toSorted(compareIds))
    }),
    { numRuns: 150 },
  )
})

it('lists an object whose name looks like metadata, a copy or an unfinished write, if it has metadata of its own', async () => {
  const unfinished = 'c.tmp.1700000000000.abc-12'
  const odd = ['a.meta.json', 'b.bak', unfinished]
  const own = ['b', ...odd]
  const files = own.flatMap((each) => [each, `${each}.meta.json`])
  expect(await keysOf(files, { copySuffix: '.bak' })).toEqual(own.toSorted())
  // Of the same names without metadata of their own none is an object.
  expect(await keysOf(['b', 'b.meta.json', ...odd], { copySuffix: '.bak' })).toEqual(['b'])
})

it('takes what ends like a copy for an object if there is nothing that it is a copy of', async () => {
  expect(await keysOf(['report.bak', 'other', 'other.bak'], { copySuffix: '.bak' })).toEqual([
    'other',
    'report.bak',
  ])
  expect(await keysOf(['other', 'other.bak'])).toEqual(['other', 'other.bak'])
})

it('lists no object for metadata whose body does not exist', async () => {
  expect(await keysOf(['a.meta.json', 'b.meta.json.meta.json', 'c'])).toEqual(['c'])
})

it('lists below a prefix that ends within a name, and below the prefix of the database', async () => {
  const files = ['in/x/data/id=1', 'in/x/data/id=2', 'in/x/data/other', 'in/x/data-1', 'out/x/data/id=3']
  expect(await keysOf(files, { keyPrefix: 'in', prefix: 'x/data/id=' })).toEqual([
    'x/data/id=1',
    'x/data/id=2',
  ])
})

it('lists a folder of more entries than are read at once', async () => {
  const many = Array.from({ length: 1000 }, (_, at) => `n${String(at).padStart(4, '0')}`)
  expect(await keysOf(many)).toEqual(many)
})
