import { describe, expect, it } from 'vitest'
import { isBackupError, prune, remove, verify } from '../src/index.js'
import { deleted, purge, sweep, undelete, unfinished } from '../src/internal.js'
import { aWorld, checkListed, contentOf, day, hour, idsOfDeleted, type World } from './deletion-world.js'

const grace = 7 * day

/** full <- first <- second */
async function aChain(): Promise<{ world: World; full: string; first: string; second: string }> {
  const world = aWorld()
  const full = await world.full()
  const first = await world.incremental()
  return { world, full, first, second: await world.incremental() }
}

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )

describe('a backup that is deleted with a grace time', () => {
  it('is no longer listed, and comes back byte for byte', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    const before = contentOf(driver)
    const report = await remove({ driver, id: second, deletionGrace: grace, now })
    expect(report).toMatchObject({ id: second, purgeAfter: new Date(now().getTime() + grace).toISOString() })
    expect(await checkListed(world, driver)).not.toContain(second)
    expect(await undelete({ driver, id: second, now })).toEqual({
      id: second,
      undeleted: [second],
      damaged: [],
    })
    expect(contentOf(driver)).toEqual(before)
    expect(await checkListed(world, driver)).toContain(second)
  })

  it('comes back although a copy of its directory lacks files', async () => {
    for (const folder of ['arc', 'zzz']) {
      const { world, second } = await aChain()
      const { driver, now } = world
      await remove({ driver, id: second, deletionGrace: grace, now })
      const copied = [...driver.objects].filter(
        ([key]) => key.includes(`${second}/`) && !key.includes('.jsonl'),
      )
      for (const [key, bytes] of copied) driver.objects.set(`${folder}/${key}`, bytes)
      expect(await undelete({ driver, id: second, now })).toMatchObject({ undeleted: [second] })
      expect((await verify({ driver, id: second })).ok).toBe(true)
    }
  })

  it('is reported with all details', async () => {
    const { world, first, second } = await aChain()
    const { driver, now } = world
    const { files, bytes } = await remove({ driver, id: second, deletionGrace: grace, now })
    const [entry] = await deleted({ driver })
    expect(entry).toMatchObject({ id: second, parent: first, complete: true, deletedAt: now().toISOString() })
    expect(entry?.manifest?.backupType).toBe('incremental')
    expect(files).toBe([...driver.objects.keys()].filter((key) => key.startsWith(`${second}/`)).length)
    // The note is slightly larger than the manifest that it contains.
    expect(entry?.bytes).toBeGreaterThan(bytes)
  })

  it('is neither unfinished nor swept, however old', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    expect(await unfinished({ driver })).toEqual([])
    const later = () => new Date(now().getTime() + 100 * day)
    expect(await sweep({ driver, now: later })).toMatchObject({ swept: [], left: [] })
    expect(await idsOfDeleted(driver)).toEqual([second])
  })

  it('can be deleted again, which changes nothing, or permanently, which frees its bytes', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    const { purgeAfter } = await remove({ driver, id: second, deletionGrace: grace, now })
    world.pass(day)
    expect((await remove({ driver, id: second, deletionGrace: grace, now })).purgeAfter).toBe(purgeAfter)
    expect((await remove({ driver, id: second, now })).purgeAfter).toBe(null)
    expect([...driver.objects.keys()].filter((key) => key.startsWith(`${second}/`))).toEqual([])
  })

  it('is deleted and brought back with its damage', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    driver.objects.set(`${second}/s3db.json`, Buffer.from('{"format":"s3db-b'))
    await remove({ driver, id: second, deletionGrace: grace, now })
    expect(await deleted({ driver })).toMatchObject([
      { id: second, parent: null, manifest: undefined, complete: false },
    ])
    expect(await undelete({ driver, id: second, now })).toMatchObject({ damaged: [second] })
    expect(Buffer.from(driver.objects.get(`${second}/s3db.json`) ?? []).toString()).toBe('{"format":"s3db-b')
  })
})

/** Alters one byte of what is stored. */
function spoil(bytes: Uint8Array): Uint8Array {
  const other = Buffer.from(bytes)
  const at = Math.max(0, other.indexOf('writer'))
  other[at] = (other[at] ?? 0) ^ 1
  return other
}

/** The first put of a key that ends so stores other bytes than it was given. */
function storingWrongly(driver: World['driver'], ending: string): World['driver'] {
  let spoilt = false
  return {
    ...driver,
    async put(key, body, call) {
      const stored = await driver.put(key, body, call)
      const bytes = driver.objects.get(key)
      if (key.endsWith(ending) && !spoilt && bytes !== undefined) driver.objects.set(key, spoil(bytes))
      spoilt ||= key.endsWith(ending)
      return stored
    },
  }
}

describe('the only copy of a manifest', () => {
  it('is checked when it becomes a note: stored wrongly, the backup stays and can be deleted again', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    const unsound = storingWrongly(driver, '/deleted.json')
    const error = await rejection(remove({ driver: unsound, id: second, deletionGrace: grace, now }))
    expect(error).toMatchObject({ code: 'corrupt' })
    expect(await checkListed(world, driver)).toContain(second)
    await remove({ driver, id: second, deletionGrace: grace, now })
    await undelete({ driver, id: second, now })
    expect(await checkListed(world, driver)).toContain(second)
  })

  it('is read once more if it seems damaged when the backup is deleted', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    let noting = false
    let lied = false
    const flaky: typeof driver = {
      ...driver,
      async *list(prefix, call) {
        // The call after measuring the backup is the read whose bytes go into the note.
        noting ||= prefix === `${second}/`
        yield* driver.list(prefix, call)
      },
      async *get(key, call) {
        const lie = noting && !lied && key === `${second}/s3db.json`
        lied ||= lie
        for await (const chunk of driver.get(key, call)) yield lie ? spoil(chunk) : chunk
      },
    }
    await remove({ driver: flaky, id: second, deletionGrace: grace, now })
    expect(lied).toBe(true)
    await undelete({ driver, id: second, now })
    expect(await checkListed(world, driver)).toContain(second)
  })

  it('is checked when it comes back: stored wrongly, the note stays and it can be brought back again', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    const unsound = storingWrongly(driver, '/s3db.json')
    expect(await rejection(undelete({ driver: unsound, id: second, now }))).toMatchObject({ code: 'corrupt' })
    expect(await idsOfDeleted(driver)).toEqual([second])
    await undelete({ driver, id: second, now })
    expect(await checkListed(world, driver)).toContain(second)
  })

  it('stays in its note if the manifest beside it is damaged', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    const note = driver.objects.get(`${second}/deleted.json`) ?? Buffer.alloc(0)
    await undelete({ driver, id: second, now })
    driver.objects.set(`${second}/deleted.json`, note)
    driver.objects.set(`${second}/s3db.json`, spoil(driver.objects.get(`${second}/s3db.json`) ?? note))
    expect(await rejection(undelete({ driver, id: second, now }))).toMatchObject({ code: 'corrupt' })
    expect(driver.objects.has(`${second}/deleted.json`)).toBe(true)
    world.pass(hour)
    await remove({ driver, id: second, deletionGrace: grace, now })
    expect(await undelete({ driver, id: second, now })).toMatchObject({ damaged: [] })
    expect(await checkListed(world, driver)).toContain(second)
  })
})

describe('undelete', () => {
  it('also brings back what a backup needs', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    for (const id of [second, first, full]) await remove({ driver, id, deletionGrace: grace, now })
    expect(await checkListed(world, driver)).toEqual([])
    expect((await undelete({ driver, id: first, now })).undeleted).toEqual([full, first])
    expect(await checkListed(world, driver)).toEqual([first, full])
    expect(await idsOfDeleted(driver)).toEqual([second])
  })

  it('refuses, and changes nothing, if something it needs was permanently removed', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    for (const id of [second, first]) await remove({ driver, id, deletionGrace: grace, now })
    await remove({ driver, id: full, force: true, now })
    const before = contentOf(driver)
    const error = await rejection(undelete({ driver, id: second, now }))
    expect(error).toMatchObject({ code: 'broken_chain', metadata: { missing: full } })
    expect(contentOf(driver)).toEqual(before)
  })

  it('refuses a backup with missing files', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    driver.objects.delete(`${second}/users.jsonl.gz`)
    expect(await deleted({ driver })).toMatchObject([{ id: second, complete: false }])
    expect(await rejection(undelete({ driver, id: second, now }))).toMatchObject({ code: 'not_found' })
    expect(await checkListed(world, driver)).not.toContain(second)
  })

  it.each(['full-x', 'full-2024-03-15T14-30-45-abc123'])('does not find %s', async (id) => {
    const { world } = await aChain()
    expect(await rejection(undelete({ driver: world.driver, id }))).toMatchObject({ code: 'not_found' })
  })

  it('does not trust an altered note', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    const key = `${second}/deleted.json`
    const text = Buffer.from(driver.objects.get(key) ?? []).toString()
    driver.objects.set(key, Buffer.from(text.replace('incremental', 'incrementel')))
    expect(await deleted({ driver })).toEqual([])
    expect(await rejection(undelete({ driver, id: second, now }))).toMatchObject({ code: 'not_found' })
  })
})

describe('purge', () => {
  it('removes what can no longer be brought back, and reports how much that frees', async () => {
    const { world, first, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    world.pass(grace - 1)
    expect(await purge({ driver, now })).toMatchObject({ purged: [], bytes: 0 })
    world.pass(1)
    const [entry] = await deleted({ driver })
    const dry = await purge({ driver, now, dryRun: true })
    expect(dry).toMatchObject({ purged: [{ id: second, bytes: entry?.bytes }], bytes: entry?.bytes })
    expect(await idsOfDeleted(driver)).toEqual([second])
    expect(await purge({ driver, now })).toEqual({ ...dry, dryRun: false })
    expect([...driver.objects.keys()].some((key) => key.startsWith(`${second}/`))).toBe(false)
    expect(await checkListed(world, driver)).toContain(first)
  })

  it('leaves a backup as long as one that builds on it can be brought back', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: 3 * grace, now })
    for (const id of [first, full]) await remove({ driver, id, deletionGrace: day, now })
    world.pass(2 * grace)
    expect(await purge({ driver, now })).toMatchObject({ purged: [] })
    const times = (await deleted({ driver })).map(({ purgeAfter }) => purgeAfter)
    expect(new Set(times).size).toBe(1)
    expect((await undelete({ driver, id: second, now })).undeleted).toEqual([full, first, second])
    expect(await checkListed(world, driver)).toHaveLength(3)
  })

  it('removes children before parents', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    for (const id of [second, first, full]) await remove({ driver, id, deletionGrace: day, now })
    world.pass(day)
    const { purged } = await purge({ driver, now })
    expect(purged.map(({ id }) => id)).toEqual([second, first, full])
    expect(driver.objects.size).toBe(0)
  })

  it('leaves what a backup needs that is not deleted', async () => {
    const { world, full, first } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: full, deletionGrace: day, force: true, now })
    world.pass(2 * day)
    const { purged, kept } = await purge({ driver, now })
    expect(purged).toEqual([])
    expect(kept).toMatchObject([{ id: full }])
    await undelete({ driver, id: full, now })
    expect(await checkListed(world, driver)).toContain(first)
  })
})

describe('a backup whose manifest cannot be read, and so does not say what it needs,', () => {
  const damage = (driver: World['driver'], id: string) =>
    driver.objects.set(`${id}/s3db.json`, Buffer.from('{"format":"s3db-b'))

  it('keeps what it may need from being deleted, unless by force, but not itself', async () => {
    const { world, first, second } = await aChain()
    const { driver, now } = world
    damage(driver, second)
    for (const deletionGrace of [0, grace]) {
      const error = await rejection(remove({ driver, id: first, deletionGrace, now }))
      expect(error).toMatchObject({ code: 'conflict', metadata: { damaged: second } })
    }
    await remove({ driver, id: first, deletionGrace: grace, force: true, now })
    const error = await rejection(remove({ driver, id: first, now }))
    expect(error).toMatchObject({ code: 'conflict', metadata: { damaged: second } })
    await remove({ driver, id: second, now })
    await remove({ driver, id: first, now })
    expect(await idsOfDeleted(driver)).toEqual([])
  })

  it('keeps what it may need from being purged', async () => {
    const { world, first, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: first, deletionGrace: day, force: true, now })
    damage(driver, second)
    world.pass(2 * day)
    const { purged, kept } = await purge({ driver, now })
    expect(purged).toEqual([])
    expect(kept).toEqual([{ id: first, reasons: [expect.stringContaining(`${second} may need it`)] }])
  })

  it('does not keep backups made after it', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    damage(driver, second)
    world.pass(2 * day)
    const later = await world.full()
    expect(await remove({ driver, id: later, now })).toMatchObject({ id: later })
  })
})

describe('prune with a grace time', () => {
  it('frees nothing yet, and reports until when each can be brought back', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    const plan = () => ({ keep: [], remove: [full, first, second].map((id) => ({ id, reasons: ['old'] })) })
    const dry = await prune({ driver, plan, deletionGrace: grace, now, dryRun: true })
    const report = await prune({ driver, plan, deletionGrace: grace, now })
    expect(report).toEqual({ ...dry, dryRun: false })
    expect(report).toMatchObject({ bytes: 0, removed: [{ id: second }, { id: first }, { id: full }] })
    const until = new Date(now().getTime() + grace).toISOString()
    expect(report.removed.map(({ purgeAfter }) => purgeAfter)).toEqual([until, until, until])
    expect((await deleted({ driver })).map(({ reasons }) => reasons)).toEqual([['old'], ['old'], ['old']])
    await undelete({ driver, id: second, now })
    expect(await checkListed(world, driver)).toHaveLength(3)
  })

  it('does not permanently remove what a deleted backup still needs', async () => {
    const { world, full, first, second } = await aChain()
    const { driver, now } = world
    await remove({ driver, id: second, deletionGrace: grace, now })
    const plan = () => ({ keep: [], remove: [full, first].map((id) => ({ id, reasons: ['old'] })) })
    const report = await prune({ driver, plan, now })
    expect(report.removed).toEqual([])
    expect(report.kept).toEqual([
      { id: first, reasons: [expect.stringContaining(`needed by ${second}, which is deleted`)] },
      { id: full, reasons: [`needed by ${first}`] },
    ])
    const error = await rejection(remove({ driver, id: full, now }))
    expect(error).toMatchObject({ code: 'conflict', metadata: { dependants: [first, second] } })
  })
})

describe('a lease', () => {
  it('is removed after a restore, a backup, a removal and an undelete, whether they succeed or fail', async () => {
    const { world, second } = await aChain()
    const { driver, now } = world
    await checkListed(world, driver)
    await remove({ driver, id: second, deletionGrace: hour, now })
    await undelete({ driver, id: second, now })
    await remove({ driver, id: 'full-x', now }).catch((error: unknown) => isBackupError(error, 'not_found'))
    expect([...driver.objects.keys()].filter((key) => key.startsWith('.leases/'))).toEqual([])
    expect(driver.steps.some(({ operation, key }) => operation === 'put' && key.startsWith('.leases/'))).toBe(
      true,
    )
  })
})
