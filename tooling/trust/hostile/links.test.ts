import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, openCatalog, records, verify } from '@s3db-backup/core'
import { purge, sweep, unfinished } from '@s3db-backup/core/internal'
import { filesystem, sweep as sweepFiles } from '@s3db-backup/driver-filesystem'
import { afterAll, expect, it } from 'vitest'
import { scratch } from '../../../apps/plugin/test/scene.ts'
import { byProfile, record } from '../record.ts'
import { nameCases } from './cases/names.ts'
import { endingOf } from './ending.ts'
import { forge, forgedId } from './forge.ts'
import { restored, surfaces } from './surfaces.ts'

// A destination on a disk that others may write to. Tests what the filesystem driver documents: links below its
// directory are neither followed nor listed, and only regular files are objects.

const content = '{"id":"a","name":"x"}\n'
const people = [{ id: 'ada', name: 'Ada' }]
const ends: Record<string, number> = {}

/** A destination, two directories deep in one that must stay as it is. */
async function place() {
  const outside = scratch()
  const path = join(outside, 'inner', 'backups')
  mkdirSync(path, { recursive: true })
  for (const folder of ['', 'inner', 'inner/backups'])
    writeFileSync(join(outside, folder, 'precious'), content)
  const driver = filesystem({ path })
  const { id: honest } = await backup({ source: records({ people: { records: people } }), driver })
  return { outside, path, driver, honest }
}

function lay(path: string, objects: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, bytes] of objects) {
    mkdirSync(dirname(join(path, key)), { recursive: true })
    writeFileSync(join(path, key), bytes)
  }
}

/** Everything outside the destination, with what it holds. */
function around(outside: string): unknown {
  const files = readdirSync(outside, { recursive: true, withFileTypes: true })
  return files
    .filter(
      (file) =>
        file.isFile() && !join(file.parentPath, file.name).startsWith(join(outside, 'inner/backups/')),
    )
    .map((file) => [join(file.parentPath, file.name), readFileSync(join(file.parentPath, file.name), 'utf8')])
    .sort()
}

type Place = Awaited<ReturnType<typeof place>>

/** Does with a backup whatever can be done with one. Nothing outside may change, nor may the honest backup. */
async function tryAll({ outside, driver, honest }: Place, id: string): Promise<Map<string, string>> {
  const before = around(outside)
  const endings = new Map<string, string>()
  const more: typeof surfaces = {
    sweep: () => sweep({ driver, now: () => new Date('2100-01-01') }),
    purge: () => purge({ driver, now: () => new Date('2100-01-01') }),
    unfinished: () => unfinished({ driver }),
  }
  for (const [what, work] of Object.entries({ ...more, ...surfaces }))
    endings.set(what, await endingOf(what, () => work(driver, id, honest)))
  for (const ending of endings.values()) {
    const words = ending === 'fine' ? 'answered' : `refused as ${ending}`
    ends[words] = (ends[words] ?? 0) + 1
  }
  expect(around(outside)).toEqual(before)
  expect([...(await restored(driver, honest))]).toEqual([['people', people]])
  return endings
}

/** All of them take a minute of waiting for the disk. */
const chosen = nameCases.filter((_, index) => index % byProfile({ short: 16, long: 1 }) === 0)

it.each(chosen.map((hostile) => [hostile.name, hostile] as const))(
  'on a disk: %s',
  async (_, { id, objects }) => {
    const there = await place()
    // A name that no file can have cannot exist on the disk either.
    try {
      lay(there.path, objects)
    } catch {
      return
    }
    await tryAll(there, id)
  },
)

const whole = () =>
  forge({ parts: [{ file: 'users.jsonl', content }], resources: { users: { ordered: false } } })

it('a part that is a link to an outside file is not read', async () => {
  const there = await place()
  lay(there.path, whole())
  const part = join(there.path, forgedId, 'users.jsonl')
  unlinkSync(part)
  symlinkSync(join(there.outside, 'precious'), part)
  expect(await verify({ driver: there.driver, id: forgedId })).toMatchObject({ ok: false })
  expect((await tryAll(there, forgedId)).get('restore')).toBe('permission_denied')
})

it.each(['s3db.json', 'started.json', 'keys.json', 'deleted.json', 'failed.json'])(
  '%s as a link to an outside file does not exist',
  async (file) => {
    const there = await place()
    const elsewhere = join(there.outside, 'elsewhere')
    lay(elsewhere, whole())
    lay(there.path, whole())
    const link = join(there.path, forgedId, file)
    if (existsSync(link)) unlinkSync(link)
    symlinkSync(join(elsewhere, forgedId, 's3db.json'), link)
    const endings = await tryAll(there, forgedId)
    if (file === 's3db.json') expect(endings.get('restore')).toBe('not_found')
  },
)

it('a directory that is a link to an outside backup is not a backup', async () => {
  const there = await place()
  const elsewhere = join(there.outside, 'elsewhere')
  lay(elsewhere, whole())
  symlinkSync(join(elsewhere, forgedId), join(there.path, forgedId))
  mkdirSync(join(there.path, '2024'))
  symlinkSync(elsewhere, join(there.path, '2024', 'march'))
  const { backups } = await openCatalog(there.driver).list()
  expect(backups.map(({ id }) => id)).toEqual([there.honest])
  const endings = await tryAll(there, forgedId)
  expect(endings.get('restore')).toBe('not_found')
  expect(await sweepFiles({ path: there.path, olderThanMs: 0 })).toMatchObject({ files: 0 })
  expect([...(await restored(filesystem({ path: elsewhere }), forgedId))]).toHaveLength(1)
})

it('a link to itself, to a missing file or to a device is not followed', async () => {
  for (const target of ['users.jsonl', '/nowhere/at/all', '/dev/zero', '/proc/self/environ']) {
    const there = await place()
    lay(there.path, whole())
    const part = join(there.path, forgedId, 'users.jsonl')
    unlinkSync(part)
    symlinkSync(target, part)
    expect((await tryAll(there, forgedId)).get('restore'), target).toBe('permission_denied')
  }
})

it.each(['users.jsonl', 's3db.json', 'started.json', 'keys.json', 'failed.json', 'deleted.json'])(
  'a pipe instead of %s blocks nobody',
  async (file) => {
    const there = await place()
    lay(there.path, whole())
    const pipe = join(there.path, forgedId, file)
    if (existsSync(pipe)) unlinkSync(pipe)
    execFileSync('mkfifo', [pipe])
    const endings = await tryAll(there, forgedId)
    if (file === 'users.jsonl') expect(endings.get('restore')).toBe('corrupt')
    if (file === 's3db.json') expect(endings.get('restore')).toBe('not_found')
  },
)

it('a directory instead of a file is not an object', async () => {
  for (const file of ['users.jsonl', 's3db.json']) {
    const there = await place()
    lay(there.path, whole())
    unlinkSync(join(there.path, forgedId, file))
    mkdirSync(join(there.path, forgedId, file))
    expect((await tryAll(there, forgedId)).get('restore')).toBe(
      file === 's3db.json' ? 'not_found' : 'corrupt',
    )
  }
})

it('two different backups with one id are refused, and neither is changed', async () => {
  const there = await place()
  const other = forge({ id: forgedId, parts: [{ file: 'users.jsonl', content: '{"id":"b"}\n' }] })
  lay(there.path, whole())
  lay(join(there.path, 'other/folder'), other)
  const endings = await tryAll(there, forgedId)
  for (const what of ['get', 'chain', 'verify', 'restore', 'consolidate', 'remove', 'prune, to look'])
    expect(endings.get(what), what).toBe('conflict')
  expect(readdirSync(join(there.path, forgedId))).toHaveLength(whole().size)
  expect(readdirSync(join(there.path, 'other/folder', forgedId))).toHaveLength(other.size)
})

it('copies of a backup are read as one, and none is deleted', async () => {
  const there = await place()
  lay(there.path, whole())
  lay(join(there.path, 'other/folder'), whole())
  const endings = await tryAll(there, forgedId)
  for (const what of ['get', 'chain', 'verify', 'restore'])
    expect(endings.get(what), what).not.toBe('conflict')
  expect(endings.get('remove')).toBe('conflict')
  expect(readdirSync(join(there.path, forgedId))).toHaveLength(whole().size)
  expect(readdirSync(join(there.path, 'other/folder', forgedId))).toHaveLength(whole().size)
})

it('ids that differ by case are two backups; directories that only look similar are not', async () => {
  const there = await place()
  const upper = forgedId.replace('full', 'FULL')
  lay(there.path, whole())
  lay(there.path, forge({ id: upper, parts: [{ file: 'users.jsonl', content: '{"id":"b"}\n' }] }))
  for (const alike of ['ｆｕｌｌ-1', 'full\u200b-1', 'fu\u0301ll-1', 'f\u00fall-1'])
    lay(there.path, forge({ id: alike, parts: [{ file: 'users.jsonl', content }] }))
  const { backups, damaged } = await openCatalog(there.driver).list()
  expect(backups.map(({ id }) => id).sort()).toEqual([upper, forgedId, there.honest].sort())
  expect(damaged).toEqual([])
  await tryAll(there, forgedId)
})

afterAll(() => {
  const tried = Object.values(ends).reduce((sum, number) => sum + number, 0)
  record({ suite: 'hostile backup', what: 'links, pipes, devices and twins on a disk', tried, ended: ends })
})
