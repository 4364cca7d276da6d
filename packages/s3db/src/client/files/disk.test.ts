import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { refusingLibrary } from '../../../../../tooling/file-systems/refusing-library.ts'
import { disk } from './disk.js'
import { quickness } from './quickness.js'

const library = refusingLibrary()
const fromSource = join(import.meta.dirname, '../../../../driver-filesystem/test/from-source.mjs')
const call = { signal: new AbortController().signal }

describe('a disk', () => {
  /** How many of so many calls are made at once, on a disk each of whose calls takes so many ms. */
  function madeAtOnce(quick: ReturnType<typeof timedDisk>, { calls, each }: { calls: number; each: number }) {
    let made = 0
    for (let i = 0; i < calls; i++) {
      if (quick.isSlow()) continue
      made++
      quick.timed(() => quick.pass(each))
    }
    return made
  }
  function timedDisk() {
    let now = 0
    return {
      ...quickness(() => now),
      pass(ms: number) {
        now += ms
      },
    }
  }

  it('is used synchronously while it answers immediately', () => {
    expect(madeAtOnce(timedDisk(), { calls: 100, each: 0.05 })).toBe(100)
  })

  it('is still used synchronously after the process was paused for a while', () => {
    const quick = timedDisk()
    madeAtOnce(quick, { calls: 10, each: 0.05 })
    madeAtOnce(quick, { calls: 1, each: 500 })
    expect(madeAtOnce(quick, { calls: 100, each: 0.05 })).toBe(100)
  })

  it('is used asynchronously once it is slow, and synchronously again when it has recovered', () => {
    const quick = timedDisk()
    madeAtOnce(quick, { calls: 20, each: 5 })
    expect(madeAtOnce(quick, { calls: 200, each: 5 })).toBeLessThan(30)
    madeAtOnce(quick, { calls: 2000, each: 0.05 })
    expect(madeAtOnce(quick, { calls: 100, each: 0.05 })).toBe(100)
  })
})

describe('files', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('of a folder that is removed while it is read are gone, which is no failure', async () => {
    const path = join(folder, 'many')
    await mkdir(path)
    for (let at = 0; at < 5000; at++) await writeFile(join(path, `file-${at}`), '')
    const entries = disk().entries(path, call)
    expect((await entries.next()).value).not.toEqual([])
    await rm(path, { recursive: true })
    let last: readonly unknown[] | undefined
    for await (const some of entries) last = some
    expect(last).toEqual([])
  })

  it.runIf(library !== undefined)(
    'of a folder that does not say what they are are all seen, whatever is deleted meanwhile',
    () => {
      const script = join(import.meta.dirname, '../../../test/read-untyped-folder.mjs')
      const env = { ...process.env, LD_PRELOAD: library, UNTYPED: '1', UV_USE_IO_URING: '0' }
      const options = { env, encoding: 'utf8' } as const
      const args = ['--import', fromSource, script, join(folder, 'many')]
      expect(JSON.parse(execFileSync(process.execPath, args, options))).toEqual({ atOnce: 990, slowly: 990 })
    },
  )

  it.runIf(process.platform === 'linux')('that are pipes or devices are not waited for', async () => {
    const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')]
    execFileSync('mkfifo', [pipe])
    await symlink('/dev/zero', link)
    for (const bytes of [0, 1_000_000])
      for (const [path, says] of [
        [pipe, /is a pipe, not a file/],
        [link, /is a device, not a file/],
        [folder, /is a folder, not a file/],
      ] as const)
        await expect(disk().read(path, call, bytes)).rejects.toMatchObject({ code: 'corrupt', message: says })
  })

  it('that are links in a circle are not there', async () => {
    const path = join(folder, 'around')
    await symlink(path, path)
    expect(await disk().stat(path, call)).toBeUndefined()
    expect(await disk().read(path, call)).toBeUndefined()
  })

  it('are written together with their parent folders', async () => {
    const path = join(folder, 'a', 'b', 'file')
    await disk().write(path, 'content')
    expect(await readFile(path, 'utf8')).toBe('content')
  })

  it('never get a second name that is taken', async () => {
    for (const name of ['one', 'other']) await writeFile(join(folder, name), name)
    await expect(disk().link(join(folder, 'one'), join(folder, 'other'))).rejects.toMatchObject({
      code: 'EEXIST',
    })
    await expect(disk().create(join(folder, 'other'))).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(folder, 'other'), 'utf8')).toBe('other')
  })
})

describe('the folder of a database', () => {
  it.runIf(process.platform === 'linux')('that cannot be made ends as the error of the system', async () => {
    for (const path of ['/proc/no-such/file', '/proc/no-such/a/b/file'])
      await expect(disk().write(path, 'x')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mkdir' })
  })

  it('is made with all that is missing above it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 's3db-disk-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await disk().write(join(folder, 'a', 'b', 'c'), 'x')
    expect(await readFile(join(folder, 'a', 'b', 'c'), 'utf8')).toBe('x')
  })
})
