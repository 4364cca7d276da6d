import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { refusingLibrary } from '../../../tooling/file-systems/refusing-library.ts'
import { type Outcome, type Refusals, useDirectories } from '../test/refusing.js'
import { bytes, onDisk, scratch } from '../test/scratch.js'

// Starts another process, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })

const library = refusingLibrary()
const root = mkdtempSync(join(tmpdir(), 's3db-backup-'))
afterAll(() => rmSync(root, { recursive: true }))

const whole = {
  put: { bytes: 10 },
  again: { code: 'conflict' },
  second: { bytes: 10 },
  listed: ['a/b', 'a/b-2'],
  read: 'some bytes',
  removed: 'done',
}

interface Refused {
  readonly name: string
  readonly refuse: Refusals
  /** The codes of the warnings. */
  readonly codes: readonly string[]
  readonly says: RegExp
}

const noLinks = { codes: ['links_refused'], says: /hard links.*(EPERM|EXDEV|EACCES)/ }
const noSync = { codes: ['sync_refused'], says: /power failure.*(EINVAL|ENOTSUP|EACCES)/ }
const noModes = { codes: ['permissions_refused'], says: /permissions.*(EPERM|ENOSYS|ENOTSUP)/ }

/** File systems that refuse what a driver can do without. */
const refused: readonly Refused[] = [
  { name: 'links with EPERM', refuse: { link: 'EPERM' }, ...noLinks },
  { name: 'links with EXDEV', refuse: { link: 'EXDEV' }, ...noLinks },
  { name: 'links with EACCES', refuse: { link: 'EACCES' }, ...noLinks },
  { name: 'fsync with EINVAL', refuse: { fsync: 'EINVAL', fdatasync: 'EINVAL' }, ...noSync },
  { name: 'fsync with ENOTSUP', refuse: { fsync: 'ENOTSUP', fdatasync: 'ENOTSUP' }, ...noSync },
  { name: 'fsync of a directory with EINVAL', refuse: { 'fsync-dir': 'EINVAL' }, ...noSync },
  { name: 'fsync of a directory with EACCES', refuse: { 'fsync-dir': 'EACCES' }, ...noSync },
  { name: 'fchmod with EPERM', refuse: { fchmod: 'EPERM' }, ...noModes },
  { name: 'fchmod with ENOSYS', refuse: { fchmod: 'ENOSYS' }, ...noModes },
  { name: 'chmod of a directory with ENOTSUP', refuse: { chmod: 'ENOTSUP' }, ...noModes },
  {
    name: 'all of it',
    refuse: {
      link: 'EPERM',
      fsync: 'EINVAL',
      fdatasync: 'EINVAL',
      'fsync-dir': 'EINVAL',
      fchmod: 'EPERM',
      chmod: 'EPERM',
    },
    codes: ['permissions_refused', 'sync_refused', 'sync_refused', 'links_refused'],
    says: /refuses/,
  },
]

interface Failing {
  readonly name: string
  readonly refuse: Refusals
  readonly code: string
  readonly says: RegExp
}

/** What no driver can do without. A rename is only needed where there are no links. */
const failing: readonly Failing[] = [
  { name: 'a used-up quota', refuse: { write: 'EDQUOT' }, code: 'no_space', says: /quota.*EDQUOT/ },
  { name: 'a full disk', refuse: { write: 'ENOSPC' }, code: 'no_space', says: /full.*ENOSPC/ },
  {
    name: 'a quota found at the end',
    refuse: { fsync: 'EDQUOT' },
    code: 'no_space',
    says: /EDQUOT, while making its bytes durable/,
  },
  {
    name: 'a broken disk',
    refuse: { fsync: 'EIO' },
    code: 'unavailable',
    says: /EIO, while making its bytes durable/,
  },
  {
    name: 'a share that was mounted anew',
    refuse: { write: 'ESTALE' },
    code: 'unavailable',
    says: /mount.*ESTALE/,
  },
  {
    name: 'a share that was mounted anew at the end',
    refuse: { link: 'EPERM', rename: 'ESTALE' },
    code: 'unavailable',
    says: /ESTALE, while giving it its name/,
  },
]

const strangers = ['lost+found', '.snapshot', '.snapshots', '@eaDir', '#recycle', '.DS_Store']

const plain = 'nothing'
const dataOnly = 'fsync alone'
const stranger = (name: string) => `beside ${name}`
const outcomes = new Map<string, { path: string; outcome: Outcome }>()

/** Everything in one process: its start costs more than all of its work. */
beforeAll(async () => {
  const cases: { name: string; refuse: Refusals }[] = [
    { name: plain, refuse: {} },
    ...strangers.map((name) => ({ name: stranger(name), refuse: {} })),
    ...(library === undefined
      ? []
      : [{ name: dataOnly, refuse: { fsync: 'EINVAL' } as const }, ...refused, ...failing]),
  ]
  const uses = cases.map(({ name, refuse }, index) => ({ name, refuse, path: join(root, String(index)) }))
  for (const { name, path } of uses) {
    await mkdir(path)
    const foreign = strangers.find((each) => stranger(each) === name)
    if (foreign !== undefined) await put(path, foreign)
  }
  const results = await useDirectories(uses, { library })
  for (const [index, { name, path }] of uses.entries()) {
    const outcome = results[index]
    if (outcome !== undefined) outcomes.set(name, { path, outcome })
  }
})

/** A file, or a directory that holds the whole tree again. */
async function put(path: string, foreign: string): Promise<void> {
  if (foreign === '.DS_Store') return writeFile(join(path, foreign), 'of a Mac')
  const copy = join(path, foreign, 'daily.0', 'full-x')
  await mkdir(copy, { recursive: true })
  await writeFile(join(copy, 's3db.json'), '{}')
}

function wentLike(name: string) {
  const found = outcomes.get(name)
  if (found === undefined) throw new Error(`${name} was not tried.`)
  const { warnings, findings, ...outcome } = found.outcome
  return { path: found.path, outcome, warnings, findings }
}

test('a file system that supports everything causes no warning', async () => {
  const { path, outcome, warnings, findings } = wentLike(plain)
  expect(outcome).toMatchObject(whole)
  expect(warnings).toEqual([])
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(await onDisk(path)).toEqual(['a', 'a/b-2'])
})

describe.skipIf(library === undefined)('a file system that refuses (needs gcc)', () => {
  test.each(refused)(
    '$name can store backups, causes one warning, and doctor explains the limits',
    async ({ name, codes, says }) => {
      const { path, outcome, warnings, findings } = wentLike(name)
      expect(outcome).toMatchObject(whole)
      expect(warnings.map(({ code }) => code)).toEqual(codes)
      for (const { message } of warnings) {
        expect(message).toMatch(says)
        expect(message).toContain(path)
      }
      const notes = findings.filter(({ check, level }) => check === 'durability' && level === 'note')
      expect(notes).toHaveLength(codes.length)
      expect(await onDisk(path)).toEqual(['a', 'a/b-2'])
    },
  )

  test('only fsync, and syncs the bytes, is as durable and causes no warning', () => {
    const { outcome, warnings } = wentLike(dataOnly)
    expect(outcome).toMatchObject(whole)
    expect(warnings).toEqual([])
  })

  test.each(failing)('$name fails with an explanation, and leaves nothing', async ({ name, code, says }) => {
    const { path, outcome } = wentLike(name)
    expect(outcome.put).toMatchObject({ code, message: expect.stringMatching(says), retriable: true })
    expect(await readdir(path)).toEqual([])
  })
})

describe('foreign files below the path', () => {
  test.each(strangers)('%s is skipped, reported once, and left in place', async (name) => {
    const { path, outcome, warnings, findings } = wentLike(stranger(name))
    expect(outcome).toMatchObject(whole)
    expect(warnings).toMatchObject([
      { code: 'passed_by', message: expect.stringContaining(join(path, name)) },
    ])
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'others', level: 'note', message: expect.stringContaining(name) }),
    )
    expect(await readdir(path)).toContain(name)
  })

  test.skipIf(process.getuid?.() !== 0)(
    'an unreadable lost+found stops nothing; an unreadable directory with another name may hold backups, so it fails (root only)',
    async () => {
      const [lost, other] = [scratch(), scratch()]
      for (const path of [lost, other]) await chmod(path, 0o777)
      await mkdir(join(lost, 'lost+found'), { mode: 0o700 })
      await mkdir(join(other, 'full-2024'), { mode: 0o700 })
      const nobody = { uid: 65_534, gid: 65_534 }
      const [first, second] = await useDirectories([{ path: lost }, { path: other }], { user: nobody })
      expect(first).toMatchObject({ ...whole, warnings: [{ code: 'passed_by' }] })
      expect(second?.listed).toMatchObject({
        code: 'permission_denied',
        message: expect.stringContaining('full-2024'),
      })
    },
  )

  test('a key with such a name is refused, because it would not be listed', async () => {
    const path = scratch()
    const { filesystem } = await import('./filesystem.js')
    const call = { signal: new AbortController().signal, kind: 'part' } as const
    await expect(filesystem({ path }).put('.snapshots/b', bytes('x'), call)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('.snapshots'),
    })
    expect(await onDisk(path)).toEqual([])
  })
})
