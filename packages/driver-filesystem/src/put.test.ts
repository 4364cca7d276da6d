import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guard } from '@s3db-backup/core'
import { endless, failing, faulty, patterned, silent } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { bytes, call, keys, onDisk, putArguments, putElsewhere, scratch, text } from '../test/scratch.js'
import { filesystem } from './filesystem.js'
import { sweep } from './sweep.js'

// Every put waits for the disk, and the disk may be busy.
describe('a put that fails', () => {
  test('leaves neither file nor directory, not even the root, if it created them', async () => {
    const path = scratch()
    const driver = filesystem({ path: join(path, 'new/root') })
    const own = new Error('the body broke off')
    await expect(driver.put('a/b/c', failing(own, 300_000), { ...call, kind: 'part' })).rejects.toBe(own)
    expect(await onDisk(path)).toEqual([])
  })

  test('leaves existing directories', async () => {
    const path = scratch()
    await mkdir(join(path, 'a'))
    await expect(
      filesystem({ path }).put('a/b/c', failing(new Error('x')), { ...call, kind: 'part' }),
    ).rejects.toThrow()
    expect(await onDisk(path)).toEqual(['a'])
  })

  test('at any step of the body leaves nothing', async () => {
    const path = scratch()
    for (let failAt = 1; failAt <= 6; failAt++) {
      const driver = faulty(filesystem({ path }), { failAt })
      await expect(driver.put('a/b', patterned(250_000), { ...call, kind: 'part' })).rejects.toMatchObject({
        code: 'unavailable',
      })
      expect(await onDisk(path)).toEqual([])
    }
  })

  test('while it is aborted, silent or not, leaves nothing and rejects with the reason', async () => {
    const path = scratch()
    for (const body of [(stop: () => void) => silent(stop), abortedMidway]) {
      const controller = new AbortController()
      const reason = new Error('stop')
      const put = filesystem({ path }).put(
        'a/b',
        body(() => controller.abort(reason)),
        { kind: 'part', signal: controller.signal },
      )
      await expect(put).rejects.toBe(reason)
      expect(await onDisk(path)).toEqual([])
    }
  })
})

describe('a put', () => {
  test('keeps its file under another name, for the owner alone and unlisted, until it is complete', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    const body = async function* () {
      yield Buffer.from('first')
      const [directory, file] = await onDisk(path)
      expect(directory).toBe('a')
      expect(file).toMatch(/^a\/\.s3db-backup\.[0-9a-f]{24}\.tmp$/)
      expect((await stat(join(path, String(file)))).mode & 0o777).toBe(0o600)
      expect(await keys(driver)).toEqual([])
      yield Buffer.from(' and last')
    }
    expect(await driver.put('a/b', body(), { ...call, kind: 'part' })).toEqual({ bytes: 14 })
    expect(await onDisk(path)).toEqual(['a', 'a/b'])
  })

  test('never overwrites a file', async () => {
    const path = scratch()
    const driver = guard(filesystem({ path }))
    await driver.put('a', bytes('first'), { ...call, kind: 'part' })
    await expect(driver.put('a', bytes('second'), { ...call, kind: 'part' })).rejects.toMatchObject({
      code: 'conflict',
      operation: 'upload',
      statusCode: 502,
      message: `Cannot write ${path}/a: it exists already, and what was stored is never written over`,
    })
    expect(await text(driver, 'a')).toBe('first')
    expect(await onDisk(path)).toEqual(['a'])
  })

  test('never overwrites a file that appeared meanwhile', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    const body = async function* () {
      yield Buffer.from('slower')
      await writeFile(join(path, 'a'), 'faster')
    }
    await expect(driver.put('a', body(), { ...call, kind: 'part' })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await readFile(join(path, 'a'), 'utf8')).toBe('faster')
    expect(await onDisk(path)).toEqual(['a'])
  })

  test('of one key by several processes succeeds for exactly one of them', async () => {
    const path = scratch()
    const results = await Promise.all(
      [1, 2, 3].map(() => putElsewhere([path, 'new/contested', '700000', '1'])),
    )
    expect(results.filter((result) => JSON.stringify(result) === '{"bytes":700000}')).toHaveLength(1)
    expect(results.filter((result) => JSON.stringify(result).includes('"conflict"'))).toHaveLength(2)
    const stored = await readFile(join(path, 'new/contested'))
    expect(stored.byteLength).toBe(700_000)
    expect(stored.every((byte) => byte === stored[0])).toBe(true)
    expect(await onDisk(path)).toEqual(['new', 'new/contested'])
  })

  test('keeps its directory while other files in it come and go', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    const putAndDelete = async (index: number) => {
      const key = `shared/deep/${index}`
      await driver.put(key, bytes(key), { ...call, kind: 'part' })
      expect(await text(driver, key)).toBe(key)
      await driver.delete(key, call)
    }
    // Three at a time, so that the directory becomes empty and is removed again and again.
    const worker = async (first: number) => {
      for (let index = first; index < 120; index += 3) await putAndDelete(index)
    }
    await Promise.all([worker(0), worker(1), worker(2)])
    expect(await onDisk(path)).toEqual([])
  })
})

describe('a process that is killed during a put', () => {
  test('leaves nothing that is listed or read, and a sweep removes what it left', async () => {
    const path = scratch()
    const child = spawn(process.execPath, putArguments([path, 'a/b', String(2 ** 40), '1']), {
      stdio: 'ignore',
    })
    const ended = once(child, 'exit')
    while ((await onDisk(path)).length < 2) await new Promise(setImmediate)
    child.kill('SIGKILL')
    await ended

    const driver = filesystem({ path })
    const [, left] = await onDisk(path)
    expect(left).toMatch(/\.tmp$/)
    expect(await keys(driver)).toEqual([])
    await expect(text(driver, 'a/b')).rejects.toMatchObject({ code: 'not_found' })

    expect(await sweep({ path })).toEqual({ files: 0, bytes: 0 })
    const { size } = await stat(join(path, String(left)))
    expect(await sweep({ path, olderThanMs: -1000 })).toEqual({ files: 1, bytes: size })
    expect(await onDisk(path)).toEqual([])
    await driver.put('a/b', bytes('again'), { ...call, kind: 'part' })
  })
})

describe('a sweep', () => {
  test('removes only temporary files that are older than the grace time', async () => {
    const path = scratch()
    const old = '.s3db-backup.aaaaaaaaaaaaaaaaaaaaaaaa.tmp'
    const young = '.s3db-backup.bbbbbbbbbbbbbbbbbbbbbbbb.tmp'
    for (const name of [old, young, 'users.jsonl', '.s3db-backup.tmp', 'x.tmp'])
      await writeFile(join(path, name), '12345')
    const longAgo = new Date('2024-03-15T00:00:00Z')
    for (const name of [old, 'users.jsonl', '.s3db-backup.tmp', 'x.tmp'])
      await utimes(join(path, name), longAgo, longAgo)
    expect(await sweep({ path })).toEqual({ files: 1, bytes: 5 })
    expect(await onDisk(path)).toEqual([young, '.s3db-backup.tmp', 'users.jsonl', 'x.tmp'])
  })

  test('of a directory that does not exist does nothing, and an aborted one rejects with the reason', async () => {
    const path = join(scratch(), 'missing')
    expect(await sweep({ path })).toEqual({ files: 0, bytes: 0 })
    const reason = new Error('stop')
    await expect(sweep({ path, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

async function* abortedMidway(stop: () => void): AsyncGenerator<Uint8Array> {
  let chunks = 0
  for await (const chunk of endless()) {
    chunks += 1
    if (chunks === 5) stop()
    yield chunk
  }
}
