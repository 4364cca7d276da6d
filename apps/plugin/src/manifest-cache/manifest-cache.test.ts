import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CacheLimits } from './eviction.js'
import { manifestCache } from './manifest-cache.js'

const call = { signal: new AbortController().signal }
const bytes = Buffer.from('{"format":"s3db-backup/1"}')
const object = (key: string, stamp = '1') => ({ key: `${key}/s3db.json`, bytes: bytes.byteLength, stamp })

let home: string
let folder: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 's3db-backup-cache-'))
  folder = join(home, 'cache')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(home, { recursive: true, force: true })
})

const open = (more: { identity?: string | undefined; limits?: CacheLimits } = { identity: 'here' }) =>
  manifestCache({ identity: () => more.identity, folder, limits: more.limits })

const files = () => readdir(join(folder, 'manifests'))
const modeOf = async (path: string) => (await lstat(path)).mode & 0o777

async function onlyFile(): Promise<string> {
  const [name = ''] = await files()
  return join(folder, 'manifests', name)
}

describe('a cache of manifests', () => {
  it('returns what was stored, even when opened later', async () => {
    await open().put(object('a'), bytes, call)
    expect(Buffer.from((await open().get(object('a'), call)) ?? [])).toEqual(bytes)
  })

  it.each([
    ['another key', object('b'), 'here'],
    ['another stamp', object('a', '2'), 'here'],
    ['another size', { ...object('a'), bytes: 1 }, 'here'],
    ['another destination', object('a'), 'there'],
  ])('has nothing for %s', async (_, wanted, identity) => {
    await open().put(object('a'), bytes, call)
    expect(await open({ identity }).get(wanted, call)).toBeUndefined()
  })

  it('keeps nothing of a destination without a name', async () => {
    const cache = open({ identity: undefined })
    await cache.put(object('a'), bytes, call)
    expect(await cache.get(object('a'), call)).toBeUndefined()
    expect(await readdir(home)).toEqual([])
  })

  it('is stored where the XDG specification says', async () => {
    vi.stubEnv('XDG_CACHE_HOME', home)
    await manifestCache({ identity: () => 'here' }).put(object('a'), bytes, call)
    expect(await readdir(join(home, 's3db-backup', 'manifests'))).toHaveLength(1)
  })

  it.skipIf(process.platform === 'win32')('is for this user alone', async () => {
    await open().put(object('a'), bytes, call)
    expect(await modeOf(folder)).toBe(0o700)
    expect(await modeOf(join(folder, 'manifests'))).toBe(0o700)
    expect(await modeOf(await onlyFile())).toBe(0o600)
  })
})

describe.skipIf(process.platform === 'win32')(
  'files that somebody else may have written are ignored:',
  () => {
    const absent = async () => expect(await open().get(object('a'), call)).toBeUndefined()

    beforeEach(() => open().put(object('a'), bytes, call))

    it('a file that others may write to', async () => {
      await chmod(await onlyFile(), 0o620)
      await absent()
    })

    it('a link', async () => {
      const path = await onlyFile()
      const elsewhere = join(home, 'elsewhere')
      await writeFile(elsewhere, await readFile(path), { mode: 0o600 })
      await rm(path)
      await symlink(elsewhere, path)
      await absent()
    })

    it('a folder that others may write to', async () => {
      await chmod(folder, 0o777)
      await absent()
    })

    it.skipIf(process.getuid?.() !== 0)('a file of another user', async () => {
      await chown(await onlyFile(), 12345, 12345)
      await absent()
    })
  },
)

describe('what cannot be stored does not matter:', () => {
  it('a folder that is a file', async () => {
    await writeFile(folder, '')
    await open().put(object('a'), bytes, call)
    expect(await open().get(object('a'), call)).toBeUndefined()
  })

  it('a directory instead of a file', async () => {
    await open().put(object('a'), bytes, call)
    const path = await onlyFile()
    await rm(path)
    await mkdir(path)
    const cache = open()
    expect(await cache.get(object('a'), call)).toBeUndefined()
    await cache.put(object('a'), bytes, call)
    expect(await files()).toHaveLength(1)
  })
})

describe('a cache that is full', () => {
  it('drops the least recently used entries, and never exceeds its limit', async () => {
    const limits = { files: 10, bytes: 1024 * 1024 }
    const cache = open({ identity: 'here', limits })
    for (let i = 0; i < 25; i++) {
      await cache.put(object(`n${i}`), bytes, call)
      expect((await files()).length).toBeLessThanOrEqual(10)
    }
    expect(await cache.get(object('n24'), call)).toBeDefined()
    expect(await cache.get(object('n0'), call)).toBeUndefined()
  })

  it('also limits bytes, including those of an earlier process', async () => {
    const limits = { files: 1000, bytes: 5 * bytes.byteLength }
    for (let i = 0; i < 20; i++) await open({ identity: 'here', limits }).put(object(`n${i}`), bytes, call)
    expect((await files()).length).toBeLessThanOrEqual(5)
  })
})
