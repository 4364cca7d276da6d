import { generateKeyPairSync } from 'node:crypto'
import { type Encryption, encryption, keygen } from '@s3db-backup/encryption'
import { expect, it } from 'vitest'
import { sealFields } from '../src/format/manifest/seal.js'
import {
  BackupError,
  commitBackup,
  type Driver,
  finishRestore,
  openRestore,
  planBackup,
  restoreShard,
  runShard,
} from '../src/index.js'
import { memoryTarget, people } from './database.js'
import { memoryDriver } from './memory-driver.js'
import { rangedSource, recordsOf } from './ranged-source.js'

// An attacker who can write to the destination tries to get something into a commit that no worker of the plan has
// stored.

interface Scene {
  readonly making: {
    readonly source: ReturnType<typeof rangedSource>
    readonly driver: Driver
    readonly encryption?: Encryption | undefined
  }
  readonly objects: Map<string, Uint8Array>
  readonly id: string
}

const key = () => encryption({ algorithm: 'AES-256-GCM', key: keygen() })

async function planned(encrypted: Encryption | undefined, id = 'victim', run = true): Promise<Scene> {
  const driver = memoryDriver()
  const making = { source: rangedSource(recordsOf({ users: people(60) })), driver, encryption: encrypted }
  const { shards } = await planBackup({ ...making, id, shards: 3 })
  for (let index = 0; index < shards && run; index++) await runShard({ ...making, id, index })
  return { making, objects: driver.objects, id }
}

const receipt = (id: string, index: number) => `${id}/shard-0000${index}.json`

function take(objects: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const bytes = objects.get(name)
  if (bytes === undefined) throw new Error(`${name} is not there`)
  return bytes
}

/** A receipt with something else in it, and a seal that fits: what anybody can make. */
function alter(bytes: Uint8Array, change: (content: Record<string, unknown>) => void): Uint8Array {
  const { checksum: _, ...fields } = JSON.parse(Buffer.from(bytes).toString())
  change(fields.content)
  return sealFields(fields).bytes
}

async function refused({ making, objects, id }: Scene, what: RegExp): Promise<void> {
  const error = await commitBackup({ ...making, id }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BackupError)
  expect(error).toMatchObject({ code: 'corrupt', message: expect.stringMatching(what) })
  expect(objects.has(`${id}/s3db.json`)).toBe(false)
}

it.each([false, true])(
  'a receipt moved to another shard is refused by name (encrypted: %s)',
  async (encrypted) => {
    const scene = await planned(encrypted ? key() : undefined)
    const [first, second] = [
      take(scene.objects, receipt('victim', 0)),
      take(scene.objects, receipt('victim', 1)),
    ]
    scene.objects.set(receipt('victim', 0), second)
    scene.objects.set(receipt('victim', 1), first)
    await refused(scene, /shard-0000[01]\.json was not written by this backup/)
  },
)

it.each([false, true])(
  'a receipt of another plan of the same id is refused by name (encrypted: %s)',
  async (encrypted) => {
    const keys = encrypted ? key() : undefined
    const earlier = await planned(keys)
    const scene = await planned(keys)
    scene.objects.set(receipt('victim', 2), take(earlier.objects, receipt('victim', 2)))
    await refused(scene, /shard-00002\.json was not written by this backup/)
  },
)

it.each([false, true])(
  'a receipt of another backup is refused by name (encrypted: %s)',
  async (encrypted) => {
    const keys = encrypted ? key() : undefined
    const other = await planned(keys, 'other')
    const scene = await planned(keys)
    scene.objects.set(receipt('victim', 2), take(other.objects, receipt('other', 2)))
    await refused(
      scene,
      /shard-00002\.json was not written by this backup: it belongs to another backup, "other"/,
    )
  },
)

it('a receipt that somebody wrote without the key is refused by name', async () => {
  const scene = await planned(key())
  const plain = await planned(undefined)
  scene.objects.set(receipt('victim', 1), take(plain.objects, receipt('victim', 1)))
  await refused(scene, /shard-00001\.json was not written by this backup: it is not encrypted/)
})

it('a plan that somebody wrote without the key is refused by name, by workers and by the commit', async () => {
  const scene = await planned(key(), 'victim', false)
  const plain = await planned(undefined, 'victim', false)
  scene.objects.set('victim/shards.json', take(plain.objects, 'victim/shards.json'))
  const worker = runShard({ ...scene.making, id: 'victim', index: 0 })
  await expect(worker).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('shards.json'),
  })
  await refused(scene, /shards\.json was not written by this backup: it is not encrypted/)
})

it.each([
  [
    'says that there are more records',
    (content: { pieces: { entry: { recordCount: number } }[] }) => {
      for (const { entry } of content.pieces) entry.recordCount += 1
    },
  ],
  [
    'names the part of another shard',
    (content: { pieces: { parts: { file: string }[] }[] }) => {
      for (const { parts } of content.pieces)
        for (const part of parts) part.file = part.file.replace('00001-', '00000-')
    },
  ],
  [
    'names the hash of other bytes',
    (content: { pieces: { parts: { blocks: string[] }[] }[] }) => {
      for (const { parts } of content.pieces) for (const part of parts) part.blocks = ['0'.repeat(64)]
    },
  ],
  [
    'leaves its pieces out',
    (content: { pieces: unknown[] }) => {
      content.pieces = []
    },
  ],
  [
    'has the pieces of another resource',
    (content: { pieces: { entry: { name: string } }[] }) => {
      for (const { entry } of content.pieces) entry.name = 'orders'
    },
  ],
  [
    'is not one',
    (content: { pieces: unknown }) => {
      content.pieces = 'none'
    },
  ],
])('in a plain backup a forged receipt that %s is refused', async (_, change) => {
  const scene = await planned(undefined)
  const name = receipt('victim', 1)
  scene.objects.set(name, alter(take(scene.objects, name), change as (content: object) => void))
  await refused(scene, /shard-00001\.json|contradicts itself|is damaged/)
})

it.each([false, true])(
  'a part that was altered, truncated or removed after its shard was stored is refused (encrypted: %s)',
  async (encrypted) => {
    const name = (scene: Scene) => [...scene.objects.keys()].find((file) => /00001-.*jsonl/.test(file)) ?? ''
    const missing = await planned(encrypted ? key() : undefined)
    missing.objects.delete(name(missing))
    await refused(missing, /it is missing/)
    const cut = await planned(encrypted ? key() : undefined)
    cut.objects.set(name(cut), take(cut.objects, name(cut)).subarray(0, -1))
    await refused(cut, /bytes/)
    if (encrypted) return
    const altered = await planned(undefined)
    const bytes = Buffer.from(take(altered.objects, name(altered)))
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    altered.objects.set(name(altered), bytes)
    await refused(altered, /differ from what was written/)
  },
)

it('a process that can encrypt but not decrypt is refused before anything is read, and leaves nothing', async () => {
  const { publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const driver = memoryDriver()
  let reads = 0
  const source = rangedSource(recordsOf({ users: people(5) }), () => {
    reads += 1
  })
  const onlyPublic = encryption({ algorithm: 'AES-256-GCM', recipients: [{ publicKey }] })
  await expect(planBackup({ source, driver, shards: 2, encryption: onlyPublic })).rejects.toMatchObject({
    code: 'undecryptable',
    suggestion: expect.stringContaining('private key'),
  })
  expect(reads).toBe(0)
  expect([...driver.objects.keys()].filter((name) => !name.endsWith('failed.json'))).toEqual([])
})

it('a worker without the key, or with another one, does nothing', async () => {
  const { making, objects, id } = await planned(key(), 'victim', false)
  const before = objects.size
  const without = runShard({ source: making.source, driver: making.driver, id, index: 0 })
  await expect(without).rejects.toMatchObject({ code: 'undecryptable' })
  const other = runShard({ ...making, encryption: key(), id, index: 0 })
  await expect(other).rejects.toMatchObject({ code: 'undecryptable' })
  expect(objects.size).toBe(before)
})

it('a parent that somebody replaced without the key is refused, by workers and by the commit', async () => {
  const encrypted = await planned(key(), 'parent')
  await commitBackup({ ...encrypted.making, id: 'parent' })
  const twin = await planned(undefined, 'parent')
  await commitBackup({ ...twin.making, id: 'parent' })
  const { making, objects } = encrypted
  const { shards } = await planBackup({
    ...making,
    id: 'next',
    type: 'incremental',
    incremental: {},
    shards: 1,
  })
  const child = { ...making, id: 'next' }
  const replaced = new Map([...twin.objects].filter(([file]) => file.startsWith('parent/')))
  const original = new Map(
    [...replaced].flatMap(([file]) => (objects.has(file) ? [[file, take(objects, file)]] : [])),
  )
  const put = (files: ReadonlyMap<string, Uint8Array>) => {
    for (const [file, bytes] of files) objects.set(file, bytes)
  }
  put(replaced)
  const expected = { code: 'conflict', message: expect.stringContaining("'parent' is not encrypted") }
  await expect(runShard({ ...child, index: 0 })).rejects.toMatchObject(expected)
  put(original)
  for (let index = 0; index < shards; index++) await runShard({ ...child, index })
  put(replaced)
  await expect(commitBackup(child)).rejects.toMatchObject(expected)
  put(original)
  expect((await commitBackup(child)).manifest.parent).toBe('parent')
})

it('a process with a key takes part in no restore of a plain backup, unless that is allowed', async () => {
  const { making, id } = await planned(undefined)
  await commitBackup({ ...making, id })
  const target = () => ({ ...memoryTarget(), ranges: true as const })
  const { driver } = making
  const { restore } = await openRestore({ driver, id, target: target(), shards: 1 })
  const joining = { driver, restore, encryption: key() }
  const expected = { code: 'conflict', message: expect.stringContaining('is not encrypted') }
  const into = target()
  await expect(restoreShard({ ...joining, index: 0, target: into })).rejects.toMatchObject(expected)
  await expect(finishRestore({ ...joining, target: into })).rejects.toMatchObject(expected)
  expect(into.plans).toEqual([])
  const allowed = { ...joining, allowPlain: true }
  expect(await restoreShard({ ...allowed, index: 0, target: target() })).toMatchObject({ records: 60 })
  await finishRestore({ ...allowed, target: target() })
})
