import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type Errno, type RefusedCall, refusingLibrary, useDirectory } from '../test/refusing.js'
import { onDisk, scratch } from '../test/scratch.js'

// Other processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })

const library = refusingLibrary()

const whole = {
  put: { bytes: 10 },
  again: { code: 'conflict' },
  second: { bytes: 10 },
  listed: ['a/b', 'a/b-2'],
  read: 'some bytes',
  removed: 'done',
}

test('a file system that refuses nothing is warned of for nothing', async () => {
  const path = scratch()
  const { warnings, findings, ...outcome } = await useDirectory(path, {})
  expect(outcome).toMatchObject(whole)
  expect(warnings).toEqual([])
  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
  expect(await onDisk(path)).toEqual(['a', 'a/b-2'])
})

describe.skipIf(library === undefined)('a file system that refuses (needs gcc)', () => {
  const cases: [string, RefusedCall[], string, RegExp, Errno[]][] = [
    ['hard links', ['link'], 'links_refused', /hard links/, ['EPERM', 'EXDEV', 'EACCES']],
    [
      'to sync files',
      ['fsync', 'fdatasync'],
      'sync_refused',
      /power failure/,
      ['EINVAL', 'ENOTSUP', 'EPERM'],
    ],
    ['to sync directories', ['fsync-dir'], 'sync_refused', /power failure/, ['EINVAL', 'EACCES']],
    ['permissions of files', ['fchmod'], 'permissions_refused', /permissions/, ['EPERM', 'ENOSYS']],
    ['permissions of directories', ['chmod'], 'permissions_refused', /permissions/, ['ENOTSUP', 'EINVAL']],
  ]
  for (const [name, calls, code, says, errnos] of cases) {
    test.each(errnos)(
      `${name} with %s keeps backups, says so once, and doctor says what is left`,
      async (errno) => {
        const path = scratch()
        const refuse = Object.fromEntries(calls.map((call) => [call, errno]))
        const { warnings, findings, ...outcome } = await useDirectory(path, {
          ...(library ? { library } : {}),
          refuse,
        })
        expect(outcome).toMatchObject(whole)
        expect(warnings).toMatchObject([{ code, message: expect.stringContaining(path) }])
        expect(`${warnings[0]?.message} ${warnings[0]?.suggestion}`).toMatch(says)
        expect(warnings[0]?.message).toContain(errno)
        expect(findings).toContainEqual(
          expect.objectContaining({
            check: 'durability',
            level: 'note',
            message: expect.stringMatching(says),
          }),
        )
        expect(await onDisk(path)).toEqual(['a', 'a/b-2'])
      },
    )
  }

  test('all of it keeps backups all the same', async () => {
    const path = scratch()
    const refuse = {
      link: 'EPERM',
      fsync: 'EINVAL',
      fdatasync: 'EINVAL',
      'fsync-dir': 'EINVAL',
      fchmod: 'EPERM',
      chmod: 'EPERM',
    } as const
    const {
      warnings,
      findings: _,
      ...outcome
    } = await useDirectory(path, { ...(library ? { library } : {}), refuse })
    expect(outcome).toMatchObject(whole)
    expect(warnings.map((warning) => warning.code).sort()).toEqual([
      'links_refused',
      'permissions_refused',
      'sync_refused',
      'sync_refused',
    ])
  })

  test.each([
    ['write', 'EDQUOT', 'no_space', /quota/],
    ['write', 'ENOSPC', 'no_space', /full/],
    ['fsync', 'EDQUOT', 'no_space', /while making its bytes durable/],
    ['fsync', 'EIO', 'unavailable', /while making its bytes durable/],
    ['write', 'ESTALE', 'unavailable', /mount/],
    ['rename', 'ESTALE', 'unavailable', /while giving it its name/],
  ] as const)('%s with %s fails with what that means', async (call, errno, code, says) => {
    const path = scratch()
    // A rename is only needed where there are no links.
    const refuse = { [call]: errno, ...(call === 'rename' ? { link: 'EPERM' } : {}) }
    const { put } = await useDirectory(path, { ...(library ? { library } : {}), refuse })
    expect(put).toMatchObject({ code, message: expect.stringMatching(says) })
    expect(put).toMatchObject({ message: expect.stringContaining(errno) })
    expect(await readdir(path)).toEqual([])
  })

  test('to sync whole files, and syncs their bytes, is as durable and warned of for nothing', async () => {
    const { warnings, put } = await useDirectory(scratch(), {
      ...(library ? { library } : {}),
      refuse: { fsync: 'EINVAL' },
    })
    expect(put).toEqual({ bytes: 10 })
    expect(warnings).toEqual([])
  })
})

describe('what is not ours below the path', () => {
  const strangers = ['lost+found', '.snapshot', '.snapshots', '@eaDir', '#recycle', '.DS_Store'] as const

  test.each(strangers)('%s is passed by, said once, and left where it is', async (name) => {
    const path = scratch()
    if (name === '.DS_Store') await writeFile(join(path, name), 'of a Mac')
    else {
      await mkdir(join(path, name, 'daily.0', 'full-x'), { recursive: true })
      await writeFile(join(path, name, 'daily.0', 'full-x', 's3db.json'), '{}')
    }
    const { warnings, findings, ...outcome } = await useDirectory(path, {})
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
    'a lost+found that nobody may read stops nothing (root only: acts as another user)',
    async () => {
      const path = scratch()
      await chmod(path, 0o777)
      await mkdir(join(path, 'lost+found'), { mode: 0o700 })
      const {
        warnings,
        findings: _,
        ...outcome
      } = await useDirectory(path, { user: { uid: 65_534, gid: 65_534 } })
      expect(outcome).toMatchObject(whole)
      expect(warnings).toMatchObject([{ code: 'passed_by' }])
    },
  )

  test.skipIf(process.getuid?.() !== 0)(
    'a directory of another name that may not be read fails the listing: it may hold backups (root only)',
    async () => {
      const path = scratch()
      await chmod(path, 0o777)
      await mkdir(join(path, 'full-2024'), { mode: 0o700 })
      const { listed } = await useDirectory(path, { user: { uid: 65_534, gid: 65_534 } })
      expect(listed).toMatchObject({
        code: 'permission_denied',
        message: expect.stringContaining('full-2024'),
      })
    },
  )

  test('a key with such a name in it is refused, since nothing would list it', async () => {
    const path = scratch()
    const { put } = await useDirectory(path, {}, '.snapshots/b')
    expect(put).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('.snapshots') })
    expect(await onDisk(path)).toEqual([])
  })
})
