import { createHash } from 'node:crypto'
import { backup, restore, verify } from '@s3db-backup/core'
import { describe, expect, test } from 'vitest'
import { sized } from '../../../tooling/test/sized.ts'
import { encryption, keygen } from '../src/index.js'
import { type Contents, sourceOf, store, target, users } from './store.js'

// One key for all backups: a part of another backup of the same owner must also be detected.
const key = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
const driver = store()
const take = (contents: Contents, more: object = {}) =>
  backup({ source: sourceOf(contents), driver, encryption: key, ...more })

const first: Contents = { people: users('Ann', 'Ben', 'Cleo'), things: users('lamp') }
const second: Contents = { people: users('Ann', 'Bob'), things: users('lamp', 'desk') }
const full = await take(first)
const incremental = await take(second, { type: 'incremental', incremental: {} })
const other = await take(first)

const { id } = incremental
const chain = [full, incremental]
const files = chain.flatMap(({ directory }) =>
  [...driver.objects.keys()].filter(
    (file) => file.startsWith(`${directory}/`) && !file.endsWith('started.json'),
  ),
)

type Changes = Readonly<Record<string, Uint8Array | undefined>>

function changed(changes: Changes) {
  const objects = new Map(driver.objects)
  for (const [file, bytes] of Object.entries(changes)) {
    if (bytes === undefined) objects.delete(file)
    else objects.set(file, bytes)
  }
  return store(objects)
}

/** No restore of the chain touches its target, and verify of the backup that was changed says so. */
async function expectFound(changes: Changes, what: string): Promise<void> {
  const damaged = changed(changes)
  const into = target()
  await expect(
    restore({ driver: damaged, id, target: into, encryption: key }),
    `restore: ${what}`,
  ).rejects.toMatchObject({
    name: 'BackupError',
    operation: 'restore',
    code: expect.stringMatching(
      /^(corrupt|undecryptable|broken_chain|incompatible_format|not_found|conflict)$/,
    ),
  })
  expect(into.opened(), what).toBe(false)
  const reports = await Promise.all(
    chain.map((one) =>
      verify({ driver: damaged, id: one.id, encryption: key }).catch((error: unknown) => error),
    ),
  )
  const sound = reports.filter((report) => !(report instanceof Error) && (report as { ok: boolean }).ok)
  expect(sound.length, `verify: ${what}`).toBeLessThan(chain.length)
}

test('the chain is whole before anything is altered', async () => {
  const into = target()
  await restore({ driver, id, target: into, encryption: key })
  expect(into.contents()).toEqual(second)
  for (const one of chain)
    expect(await verify({ driver, id: one.id, encryption: key })).toMatchObject({ ok: true })
})

describe.each(files)('%s', (file) => {
  const bytes = driver.objects.get(file)!

  // All bytes would take minutes, and were tried once. The steps are odd, so that they hit all kinds of bytes.
  const steps = /(s3db|keys)\.json$/.test(file) ? { quick: 131, full: 11 } : { quick: 211, full: 53 }
  const step = process.env.EVERY_BYTE === '1' ? 1 : sized(steps)

  test('altered at any byte', async () => {
    for (let at = 0; at < bytes.byteLength; at += step) {
      const altered = Buffer.from(bytes)
      altered[at]! ^= 1 << (at % 8)
      await expectFound({ [file]: altered }, `byte ${at}`)
    }
  })

  test('truncated anywhere', async () => {
    for (let length = 0; length < bytes.byteLength; length += step * 5)
      await expectFound({ [file]: bytes.subarray(0, length) }, `cut to ${length}`)
  })

  test('missing, or with something after its end', async () => {
    await expectFound({ [file]: undefined }, 'missing')
    await expectFound({ [file]: Buffer.concat([bytes, Buffer.from('\n')]) }, 'longer')
  })

  test('in the place of another, or taken from another backup with the same key', async () => {
    const others = files.filter((one) => one !== file)
    for (const place of others.filter((_, index) => index % 4 === bytes.byteLength % 4))
      await expectFound({ [place]: bytes }, `copied to ${place}`)
    const twin = driver.objects.get(`${other.directory}/${file.split('/').at(-1)}`)
    if (twin !== undefined) await expectFound({ [file]: twin }, 'of another backup')
  })
})

describe('a manifest that somebody without the key edited and sealed again', () => {
  const { directory } = incremental
  const file = `${directory}/s3db.json`
  const text = Buffer.from(driver.objects.get(file)!).toString('utf8')

  /** What anybody can do: the checksum at the end needs no key. */
  const sealed = (body: string): Buffer => {
    const checksum = createHash('sha256').update(body).digest('hex')
    return Buffer.from(`${body},\n  "checksum": "${checksum}"\n}\n`)
  }
  const resealed = (edit: (manifest: Record<string, unknown>) => void): Buffer => {
    const { checksum: _, ...manifest } = JSON.parse(text) as Record<string, unknown>
    edit(manifest)
    return sealed(JSON.stringify(manifest, null, 2).slice(0, -2))
  }

  test('is accepted if nothing was edited, so that the other cases can fail', async () => {
    expect(resealed(() => undefined).toString()).toBe(text)
  })

  const fields = Object.keys(JSON.parse(text) as object).filter((name) => name !== 'checksum')

  test.each(fields)('without %s', async (name) => {
    await expectFound({ [file]: resealed((manifest) => delete manifest[name]) }, `without ${name}`)
  })

  test.each(fields)('with another %s', async (name) => {
    const earlier = JSON.parse(
      Buffer.from(driver.objects.get(`${full.directory}/s3db.json`)!).toString(),
    ) as Record<string, unknown>
    const alternatives: unknown[] = [null, {}, [], '', 'x', earlier[name]]
    for (const value of alternatives.filter((one) => one !== undefined)) {
      const edited = resealed((manifest) => {
        manifest[name] = value
      })
      if (edited.toString() !== text)
        await expectFound({ [file]: edited }, `${name}: ${JSON.stringify(value)}`)
    }
  })

  test('with a part dropped, doubled or swapped, or with the hash of other bytes', async () => {
    const edits: ((parts: Record<string, unknown>[]) => unknown)[] = [
      (parts) => parts.pop(),
      (parts) => parts.shift(),
      (parts) => parts.push({ ...parts[1] }),
      (parts) => parts.push({ ...parts[1], file: 'p9999.jsonl.gz.enc' }),
      (parts) => parts.reverse(),
      (parts) => Object.assign(parts[1]!, { sha256: parts[2]!.sha256, blocks: parts[2]!.blocks }),
      (parts) => Object.assign(parts[1]!, { codecs: [] }),
    ]
    for (const edit of edits) {
      const edited = resealed(({ parts }) => void edit(parts as Record<string, unknown>[]))
      await expectFound({ [file]: edited }, String(edit))
    }
  })

  test('with every byte of its tag altered', async () => {
    const tag = text.indexOf('"tag": "') + 8
    for (let at = tag; text[at] !== '"'; at += 1) {
      const body = text.slice(0, text.lastIndexOf(',\n  "checksum"'))
      const flipped = body.slice(0, at) + (body[at] === 'A' ? 'Q' : 'A') + body.slice(at + 1)
      await expectFound({ [file]: sealed(flipped) }, `tag ${at}`)
    }
  })

  test('replaced by a plain backup of someone else under the same id', async () => {
    const plain = store()
    const contents = { people: users('Mallory') }
    await backup({ source: sourceOf(contents), driver: plain, id })
    await expectFound(Object.fromEntries(plain.objects), 'plain')
    const chained = store()
    await backup({ source: sourceOf(contents), driver: chained, id: full.id })
    await expectFound(Object.fromEntries(chained.objects), 'plain parent')
  })

  test('replaced by an encrypted backup that someone else made with another key', async () => {
    const theirs = store()
    const foreign = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
    await backup({ source: sourceOf({ people: users('Mallory') }), driver: theirs, id, encryption: foreign })
    await expectFound(Object.fromEntries(theirs.objects), 'foreign')
  })

  test('with the key file of another backup of the same owner', async () => {
    await expectFound(
      { [`${directory}/keys.json`]: driver.objects.get(`${other.directory}/keys.json`)! },
      'keys',
    )
    const moved = Object.fromEntries(
      [...driver.objects].flatMap(([name, bytes]) =>
        name.startsWith(`${other.directory}/`) ? [[name.replace(other.directory, directory), bytes]] : [],
      ),
    )
    await expectFound(moved, 'a whole backup under another id')
  })
})
