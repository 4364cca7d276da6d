import { generateKeyPairSync } from 'node:crypto'
import { backup, consolidate, diff, openCatalog, prune, remove, restore, verify } from '@s3db-backup/core'
import { find, rotateKeys } from '@s3db-backup/core/internal'
import { describe, expect, test } from 'vitest'
import { encryption, keygen, rotate } from '../src/index.js'
import { type Contents, sourceOf, store, target, users } from './store.js'

const raw = (key = keygen()) => encryption({ algorithm: 'AES-256-GCM', key })
const contents: Contents = { 'secret-users': users('Annabella', 'Ben'), 'secret-orders': users('a book') }

async function restored(options: Omit<Parameters<typeof restore>[0], 'target'>): Promise<Contents> {
  const into = target()
  await restore({ ...options, target: into })
  return into.contents()
}

describe('an encrypted backup', () => {
  test('is restored exactly with the key', async () => {
    const [driver, key] = [store(), raw()]
    const { id } = await backup({ source: sourceOf(contents), driver, encryption: key })
    expect(await restored({ driver, id, encryption: key })).toEqual(contents)
    expect(await verify({ driver, id, encryption: key })).toMatchObject({ ok: true, records: 3 })
  })

  test('reveals neither names nor records nor counts to somebody who has only the storage', async () => {
    const driver = store()
    const metadata = { note: 'secret-note' }
    const chosen = { resources: ['secret-*'], filter: { label: 'secret-filter', keep: () => true } }
    const source = sourceOf(contents)
    const { manifest } = await backup({ source, driver, encryption: raw(), metadata, ...chosen })
    for (const [key, bytes] of driver.objects) {
      expect(key).not.toMatch(/secret/)
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(
        /secret|Annabella|a book|contentBytes|records"/,
      )
    }
    expect(Object.keys(manifest.resources)).toEqual(['secret-users', 'secret-orders'])
  })

  test('is listed, measured, pruned and removed without the key', async () => {
    const driver = store()
    const made = await backup({ source: sourceOf(contents), driver, encryption: raw() })
    const { backups, damaged } = await openCatalog(driver).list()
    expect(damaged).toEqual([])
    expect(backups[0]).toMatchObject({
      id: made.id,
      checksum: made.checksum,
      manifest: {
        ...{ status: 'completed', parent: null, backupType: 'full', set: made.manifest.set },
        ...{ exportedAt: made.manifest.exportedAt, completedAt: made.manifest.completedAt },
        encryption: { algorithm: 'AES-256-GCM', keyFile: 'keys.json', recipients: [{ type: 'raw-key' }] },
        resources: {},
      },
    })
    const sizes = (manifest: typeof made.manifest) => manifest.parts.map(({ bytes }) => bytes)
    expect(sizes(backups[0]!.manifest)).toEqual(sizes(made.manifest))
    const plan = () => ({ keep: [], remove: [{ id: made.id, reasons: ['enough'] }] })
    expect(await prune({ driver, plan, dryRun: true })).toMatchObject({ removed: [{ id: made.id }] })
    await remove({ driver, id: made.id })
    expect(driver.objects.size).toBe(0)
  })

  test('is verified without the key as far as its stored bytes', async () => {
    const driver = store()
    const { id } = await backup({ source: sourceOf(contents), driver, encryption: raw() })
    expect(await verify({ driver, id, level: 'quick' })).toMatchObject({ ok: true, records: 0 })
    expect(await verify({ driver, id, level: 'stored' })).toMatchObject({ ok: true, level: 'stored' })
    await expect(verify({ driver, id })).rejects.toMatchObject({ code: 'undecryptable', operation: 'verify' })
    const part = [...driver.objects.keys()].find((key) => key.includes('p0001'))!
    driver.objects.get(part)![5]! ^= 1
    expect(await verify({ driver, id, level: 'quick' })).toMatchObject({ ok: true })
    expect(await verify({ driver, id, level: 'stored' })).toMatchObject({
      ok: false,
      problems: [{ code: 'corrupt' }],
    })
  })

  test('without the key, with a wrong one, or with one of another kind, nothing is changed', async () => {
    const driver = store()
    const { id } = await backup({ source: sourceOf(contents), driver, encryption: raw() })
    const phrase = encryption({ algorithm: 'AES-256-GCM', key: 'passphrase:another way to open things' })
    for (const [given, message] of [
      [{}, /no key was given/],
      [{ encryption: raw() }, /Wrong key: /],
      [{ encryption: phrase }, /no key of any of these kinds/],
    ] as const) {
      const into = target()
      await expect(restore({ driver, id, target: into, ...given })).rejects.toMatchObject({
        code: 'undecryptable',
        operation: 'restore',
        message: expect.stringMatching(message),
      })
      expect(into.opened()).toBe(false)
    }
  })

  test('is not made if its key cannot be wrapped for every recipient', async () => {
    const driver = store()
    const key = raw()
    const failing = { ...key, begin: () => Promise.reject(new Error('the key service is down')) }
    await expect(backup({ source: sourceOf(contents), driver, encryption: failing })).rejects.toThrow(
      'the key service is down',
    )
    expect([...driver.objects.keys()]).toEqual([expect.stringMatching(/\/failed\.json$/)])
  })

  test('is not made unencrypted if the given encryption is invalid', async () => {
    const driver = store()
    const encryption = { algorithm: 'AES-256-GCM', key: keygen() } as unknown as ReturnType<typeof raw>
    await expect(backup({ source: sourceOf(contents), driver, encryption })).rejects.toMatchObject({
      code: 'invalid_options',
    })
    expect(driver.objects.size).toBe(0)
  })

  test('is made and read back by a host that cannot open it', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const writer = encryption({ algorithm: 'AES-256-GCM', recipients: [{ publicKey }] })
    const reader = encryption({ algorithm: 'AES-256-GCM', recipients: [{ privateKey }] })
    const driver = store()
    const { id } = await backup({ source: sourceOf(contents), driver, encryption: writer })
    await expect(restored({ driver, id, encryption: writer })).rejects.toMatchObject({
      code: 'undecryptable',
    })
    expect(await restored({ driver, id, encryption: reader })).toEqual(contents)
  })
})

describe('plain and encrypted backups in one place', () => {
  test('a plain one is refused if encryption is expected, unless it is allowed', async () => {
    const [driver, key] = [store(), raw()]
    const { id } = await backup({ source: sourceOf(contents), driver })
    for (const work of [restored({ driver, id, encryption: key }), verify({ driver, id, encryption: key })])
      await expect(work).rejects.toMatchObject({ code: 'conflict' })
    expect(await restored({ driver, id, encryption: key, allowPlain: true })).toEqual(contents)
    expect(await verify({ driver, id, encryption: key, allowPlain: true })).toMatchObject({ ok: true })
  })

  test('an encrypted backup never builds on a plain one, nor a plain one on an encrypted one', async () => {
    const [driver, key] = [store(), raw()]
    const source = sourceOf(contents)
    const type = 'incremental'
    await backup({ source, driver })
    const next = { source, driver, type, incremental: {} }
    await expect(backup({ ...next, encryption: key })).rejects.toMatchObject({ code: 'not_found' })
    const whole = await backup({ ...next, encryption: key, incremental: { fullIfNeeded: true } })
    expect(whole.manifest.parent).toBeNull()
    const plain = await backup(next)
    expect(plain.manifest.encryption).toBeUndefined()
    expect((await backup({ ...next, encryption: key })).manifest.parent).toBe(whole.id)
  })
})

describe('an encrypted chain', () => {
  async function chain() {
    const [driver, key] = [store(), raw()]
    const now: Contents = { people: users('Ann', 'Ben', 'Cleo') }
    const later: Contents = { people: users('Ann', 'Bob') }
    const full = await backup({ source: sourceOf(now), driver, encryption: key })
    const next = { source: sourceOf(later), driver, encryption: key, type: 'incremental', incremental: {} }
    const incremental = await backup(next)
    return { driver, key, now, later, full, incremental }
  }

  test('restores, compares and consolidates with the key', async () => {
    const { driver, key, now, later, full, incremental } = await chain()
    expect(await restored({ driver, id: full.id, encryption: key })).toEqual(now)
    expect(await restored({ driver, id: incremental.id, encryption: key })).toEqual(later)
    const differences = []
    for await (const one of diff({ driver, from: full.id, to: incremental.id, encryption: key }))
      differences.push(`${one.change} ${one.id}`)
    expect(differences).toEqual(['changed u1', 'removed u2'])
    const whole = await consolidate({ driver, id: incremental.id, encryption: key })
    expect(whole.manifest.encryption).toBeDefined()
    expect(await restored({ driver, id: whole.id, encryption: key })).toEqual(later)
  })

  test('is not continued without the key of its parent', async () => {
    const { driver, later } = await chain()
    const before = new Set(driver.objects.keys())
    const options = { source: sourceOf(later), driver, type: 'incremental', incremental: {} }
    await expect(backup({ ...options, encryption: raw() })).rejects.toMatchObject({ code: 'undecryptable' })
    const added = [...driver.objects.keys()].filter((key) => !before.has(key))
    expect(added).toEqual([expect.stringMatching(/\/failed\.json$/)])
  })
})

test('a search through many backups opens each once, one at a time: a passphrase takes 128 MiB', async () => {
  const [driver, key] = [store(), raw()]
  for (let i = 0; i < 4; i++) await backup({ source: sourceOf(contents), driver, encryption: key })
  let [opened, open, most] = [0, 0, 0]
  const counting: typeof key = {
    ...key,
    async open(call) {
      opened += 1
      open += 1
      most = Math.max(most, open)
      await new Promise(setImmediate)
      return key.open(call).finally(() => {
        open -= 1
      })
    },
  }
  const [ann] = contents['secret-users'] ?? []
  const found: string[] = []
  for await (const { resource } of find({ driver, id: ann?.id ?? '', encryption: counting }))
    found.push(resource)
  expect(found).toContain('secret-users')
  expect({ opened, most }).toEqual({ opened: 4, most: 1 })
})

describe('changing the keys of a backup', () => {
  async function stored() {
    const [driver, before, after] = [store(), raw(), raw()]
    const { id, directory } = await backup({ source: sourceOf(contents), driver, encryption: before })
    const change = (open: typeof before, recipients: typeof before, more = {}) =>
      rotateKeys({ driver, id, rotate: (stored) => rotate({ ...stored, open, recipients }), ...more })
    return { driver, id, directory, before, after, change }
  }

  test('leaves a backup that the new key opens and the old one does not', async () => {
    const { driver, id, directory, before, after, change } = await stored()
    const untouched = new Map(driver.objects)
    expect(await change(before, after)).toEqual({ id, file: 'keys.2.json', removed: [] })
    for (const [key, bytes] of untouched) expect(driver.objects.get(key)).toBe(bytes)
    expect(driver.objects.size).toBe(untouched.size + 1)
    expect(await restored({ driver, id, encryption: after })).toEqual(contents)
    await expect(restored({ driver, id, encryption: before })).rejects.toMatchObject({
      code: 'undecryptable',
    })
    await expect(change(before, before)).rejects.toMatchObject({ code: 'undecryptable' })
    expect(driver.objects.has(`${directory}/keys.3.json`)).toBe(false)
  })

  test('can remove the older files, and verify does not miss them', async () => {
    const { driver, id, directory, before, after, change } = await stored()
    expect(await change(before, after, { removeOld: true })).toMatchObject({ removed: ['keys.json'] })
    expect(driver.objects.has(`${directory}/keys.json`)).toBe(false)
    expect(await verify({ driver, id, encryption: after })).toMatchObject({ ok: true })
    expect(await verify({ driver, id, level: 'quick' })).toMatchObject({ ok: true })
  })

  test('names an older file that the storage keeps, although it says that it deletes', async () => {
    const { driver, id, directory, before, after } = await stored()
    const rotating = rotateKeys({
      driver: { ...driver, delete: async () => undefined },
      id,
      rotate: (current) => rotate({ ...current, open: before, recipients: after }),
      removeOld: true,
    })
    await expect(rotating).rejects.toMatchObject({
      code: 'unavailable',
      message: `${directory}/keys.json was deleted, and can still be read`,
    })
    expect(await restored({ driver, id, encryption: after })).toEqual(contents)
  })

  test('does not disturb a reader that has just listed the files that go', async () => {
    const { driver, id, after, before, change } = await stored()
    await change(before, after)
    let changed = false
    const meanwhile: typeof driver = {
      ...driver,
      async *get(key, call) {
        if (key.endsWith('/keys.2.json') && !changed) {
          changed = true
          await change(after, after, { removeOld: true })
        }
        yield* driver.get(key, call)
      },
    }
    expect(await restored({ driver: meanwhile, id, encryption: after })).toEqual(contents)
    expect(changed).toBe(true)
  })

  test('is no damage to a verification under way', async () => {
    const { driver, id, after, before, change } = await stored()
    let reads = 0
    const meanwhile: typeof driver = {
      ...driver,
      async *get(key, call) {
        if (key.endsWith('/keys.json')) reads += 1
        // The first one opens the backup, the second one compares the file.
        if (reads === 2 && !driver.objects.has(key.replace('keys.json', 'keys.2.json')))
          await change(before, after, { removeOld: true })
        yield* driver.get(key, call)
      },
    }
    const report = await verify({ driver: meanwhile, id, encryption: before })
    expect(reads).toBeGreaterThan(1)
    expect(report.problems).toEqual([])
  })

  test('falls back to an older file if the newest is damaged, and never overwrites it', async () => {
    const { driver, id, directory, before, after, change } = await stored()
    await change(before, after)
    driver.objects.set(`${directory}/keys.2.json`, Buffer.from('{}'))
    expect(await restored({ driver, id, encryption: before })).toEqual(contents)
    await expect(change(before, after)).rejects.toMatchObject({ code: 'conflict' })
    driver.objects.delete(`${directory}/keys.json`)
    await expect(restored({ driver, id, encryption: before })).rejects.toMatchObject({ code: 'corrupt' })
    driver.objects.delete(`${directory}/keys.2.json`)
    await expect(restored({ driver, id, encryption: before })).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringMatching(/key file is missing/),
    })
  })

  test.each(['arc', 'zzz'])('is not undone by an older copy, wherever it is (%s)', async (folder) => {
    const { driver, id, directory, before, after, change } = await stored()
    const copied = [...driver.objects]
    await change(before, after, { removeOld: true })
    for (const [key, bytes] of copied) driver.objects.set(`${folder}/${key}`, bytes)
    expect(await restored({ driver, id, encryption: after })).toEqual(contents)
    await expect(restored({ driver, id, encryption: before })).rejects.toMatchObject({
      code: 'undecryptable',
    })
    // Plus a backup that was interrupted.
    driver.objects.delete(`${folder}/${directory}/p0001.jsonl.gz.enc`)
    expect(await restored({ driver, id, encryption: after })).toEqual(contents)
    const { copies } = await verify({ driver, id, encryption: after })
    expect(copies).toEqual([{ id, directory: `${folder}/${directory}`, complete: false }])
  })

  test('removes a key file that the storage stored wrongly, and works the next time', async () => {
    const { driver, id, directory, before, after } = await stored()
    const change = (through: typeof driver) =>
      rotateKeys({
        driver: through,
        id,
        rotate: (current) => rotate({ ...current, open: before, recipients: after }),
      })
    const put: typeof driver.put = async (key, body, call) => {
      const result = await driver.put(key, body, call)
      driver.objects.get(key)?.fill(0, 10, 11)
      return result
    }
    await expect(change({ ...driver, put })).rejects.toMatchObject({ code: 'corrupt' })
    expect(driver.objects.has(`${directory}/keys.2.json`)).toBe(false)
    await change(driver)
    expect(await restored({ driver, id, encryption: after })).toEqual(contents)
  })

  test('is refused for a backup that has none', async () => {
    const driver = store()
    const { id } = await backup({ source: sourceOf(contents), driver })
    const open = raw()
    const work = rotateKeys({ driver, id, rotate: (stored) => rotate({ ...stored, open, recipients: open }) })
    await expect(work).rejects.toMatchObject({ code: 'conflict' })
  })
})
