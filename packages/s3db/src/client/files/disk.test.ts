import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Disk, disk } from './disk.js'

const quickReads = vi.hoisted(() => ({ made: 0 }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const readFileSync = (path: string) => {
    quickReads.made++
    return fs.readFileSync(path)
  }
  return { ...fs, readFileSync }
})

describe('a disk', () => {
  const call = { signal: new AbortController().signal }
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disk-'))
    file = join(folder, 'file')
    await writeFile(file, 'content')
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** A disk each of whose calls takes so long by the clock that it is given. */
  function timedDisk() {
    const clock = { now: 0, each: 0 }
    const made = disk(() => {
      clock.now += clock.each
      return clock.now
    })
    return { clock, made }
  }

  async function quickOf(made: Disk, reads: number): Promise<number> {
    const before = quickReads.made
    for (let i = 0; i < reads; i++) await made.read(file, call)
    return quickReads.made - before
  }

  it('is read at once as long as it answers at once', async () => {
    expect(await quickOf(timedDisk().made, 100)).toBe(100)
  })

  it('is still read at once after the process had to wait for a while', async () => {
    const { clock, made } = timedDisk()
    await quickOf(made, 10)
    clock.each = 500
    await quickOf(made, 1)
    clock.each = 0
    expect(await quickOf(made, 100)).toBe(100)
  })

  it('is read asynchronously once it is slow, and at once again when it has recovered', async () => {
    const { clock, made } = timedDisk()
    clock.each = 5
    await quickOf(made, 20)
    expect(await quickOf(made, 100)).toBeLessThan(30)
    clock.each = 0
    await quickOf(made, 1000)
    expect(await quickOf(made, 100)).toBe(100)
  })

  it('makes the folders above a file that it writes', async () => {
    const path = join(folder, 'a', 'b', 'file')
    await disk().write(path, 'content')
    expect(await readFile(path, 'utf8')).toBe('content')
  })

  it('gives no second name that is taken', async () => {
    await writeFile(join(folder, 'other'), '')
    await expect(disk().link(file, join(folder, 'other'))).rejects.toMatchObject({ code: 'EEXIST' })
  })
})
