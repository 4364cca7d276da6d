import { describe, expect, it } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { backup, deflate, restore, verify } from '../src/index.js'
import { memoryTarget, people, sourceOf } from './database.js'
import { memoryDriver } from './memory-driver.js'

const codecs = [deflate()]
const driver = memoryDriver()
const more = () => ({ raw: new Map([['p000000', { meta: { x: '1' } }]]) })
const contents = { users: people(2), orders: people(3) }
const { id, directory } = await backup({ source: sourceOf(contents, { more }), driver, codecs })
const again = await backup({ source: sourceOf(contents, { more }), driver, codecs })
const files = [...driver.objects.keys()].filter((key) => key.startsWith(`${directory}/`))
/** The note of the start is for other processes while a backup is made; a restore needs nothing of it. */
const note = `${directory}/started.json`

/** Everything that was stored, with one object replaced or taken away. */
function changed(changes: Readonly<Record<string, Uint8Array | undefined>>) {
  const objects = new Map(driver.objects)
  for (const [key, bytes] of Object.entries(changes)) {
    if (bytes === undefined) objects.delete(key)
    else objects.set(key, bytes)
  }
  return memoryDriver({ objects })
}

/** Damage is found by verify, and no restore touches its target. */
async function expectFound(damaged: ReturnType<typeof memoryDriver>, what: string) {
  const report = await verify({ driver: damaged, id }).catch((error: unknown) => error)
  const found = report instanceof Error || (report as { ok: boolean }).ok === false
  expect(found, `verify: ${what}`).toBe(true)
  const target = memoryTarget()
  await expect(restore({ driver: damaged, id, target }), `restore: ${what}`).rejects.toMatchObject({
    name: 'BackupError',
    operation: 'restore',
  })
  expect(target.plans, what).toEqual([])
}

it('the backup is whole before anything is altered', async () => {
  expect(files.map((key) => key.slice(directory.length + 1)).sort()).toEqual([
    'orders.index.jsonl.deflate',
    'orders.jsonl.deflate',
    'orders.raw.jsonl.deflate',
    's3db.json',
    'started.json',
    'users.index.jsonl.deflate',
    'users.jsonl.deflate',
    'users.raw.jsonl.deflate',
  ])
  expect(await verify({ driver, id })).toMatchObject({ ok: true })
})

it.each([
  ['altered', Buffer.from('{')],
  ['missing', undefined],
])('the note of its start can be %s: the backup does not need it', async (_, bytes) => {
  const place = changed({ [note]: bytes })
  expect(await verify({ driver: place, id })).toMatchObject({ ok: true })
  await restore({ driver: place, id, target: memoryTarget() })
})

describe.each(files.filter((key) => key !== note))('%s', (key) => {
  const bytes = driver.objects.get(key)!
  // The manifest has its own test for every byte; here it is enough to show that all of it is checked.
  const stride = key.endsWith('s3db.json') ? 41 : sized({ quick: 5, full: 1 })

  it('altered at any byte', async () => {
    for (let at = 0; at < bytes.byteLength; at += stride) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 1 << (at % 8)
      await expectFound(changed({ [key]: altered }), `byte ${at}`)
    }
  })

  it('truncated anywhere', async () => {
    for (let length = 0; length < bytes.byteLength; length += stride) {
      await expectFound(changed({ [key]: bytes.subarray(0, length) }), `cut to ${length}`)
    }
  })

  it('with something after its end', async () => {
    await expectFound(changed({ [key]: Buffer.concat([bytes, Buffer.from('\n')]) }), 'longer')
  })

  it('missing', async () => {
    await expectFound(changed({ [key]: undefined }), 'missing')
  })

  it('swapped with another, or taken from another backup of the same database', async () => {
    for (const other of files.filter((file) => file !== key)) {
      const swapped = { [key]: driver.objects.get(other)!, [other]: bytes }
      if (!driver.objects.get(other)!.every((byte, at) => byte === bytes[at])) {
        await expectFound(changed(swapped), `swapped with ${other}`)
      }
    }
    const twin = driver.objects.get(key.replace(directory, again.directory))!
    if (!Buffer.from(twin).equals(bytes)) await expectFound(changed({ [key]: twin }), 'of another backup')
  })
})

describe('verify', () => {
  it('names every part that is damaged, not only the first', async () => {
    const [users, orders] = ['users', 'orders'].map((name) => `${directory}/${name}.jsonl.deflate`)
    const damaged = changed({ [users!]: Buffer.alloc(10), [orders!]: undefined })
    for (const level of ['quick', 'full'] as const) {
      const { ok, problems } = await verify({ driver: damaged, id, level })
      expect(ok).toBe(false)
      expect(
        problems.map(({ code, operation, metadata }) => [code, operation, metadata.resource]).sort(),
      ).toEqual([
        ['corrupt', 'verify', 'orders'],
        ['corrupt', 'verify', 'users'],
      ])
    }
  })

  it('says not_found for a backup without a manifest', async () => {
    const damaged = changed({ [`${directory}/s3db.json`]: undefined })
    await expect(verify({ driver: damaged, id })).rejects.toMatchObject({
      code: 'not_found',
      operation: 'verify',
    })
  })

  it('says corrupt for a damaged manifest', async () => {
    const damaged = changed({ [`${directory}/s3db.json`]: Buffer.from('{}') })
    await expect(verify({ driver: damaged, id })).rejects.toMatchObject({
      code: 'corrupt',
      operation: 'verify',
    })
  })

  it('does not mistake a failing storage for damage', async () => {
    const broken = memoryDriver({
      objects: driver.objects,
      onStep: ({ operation, key }) => {
        if (operation === 'get' && key.endsWith('deflate')) throw new Error('ECONNRESET')
      },
    })
    await expect(verify({ driver: broken, id })).rejects.toMatchObject({ code: 'internal' })
  })

  it('counts what it checked', async () => {
    const sizes = files.filter((key) => key !== note).map((key) => driver.objects.get(key)!.byteLength)
    expect(await verify({ driver, id })).toEqual({
      id,
      level: 'full',
      ancestors: [],
      ok: true,
      files: 6,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      records: 5,
      problems: [],
    })
  })

  it('can be aborted', async () => {
    const reason = new Error('stop')
    await expect(verify({ driver, id, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
