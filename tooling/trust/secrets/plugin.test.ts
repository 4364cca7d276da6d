import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBackupError } from '@s3db-backup/core'
import { BackupPlugin } from '@s3db-backup/plugin'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { connected, install, scratch } from '../../../apps/plugin/test/scene.ts'
import { type Bucket, makeBucket } from '../../s3/bucket.ts'
import { type Endpoint, openEndpoint } from '../../s3/endpoint.ts'
import { startLocalServer } from '../../s3/local-server/server.ts'
import { record } from '../record.ts'
import { canaries, leaksIn, printed } from './canaries.ts'

const account = { accessKeyId: canaries.accessKeyId, secretAccessKey: canaries.secretAccessKey }
let endpoint: Endpoint
let bucket: Bucket
let server: Awaited<ReturnType<typeof startLocalServer>>
beforeAll(async () => {
  server = await startLocalServer([account])
  endpoint = await openEndpoint({})
  bucket = await makeBucket({ ...endpoint, url: server.url, credentials: account })
})
afterAll(async () => {
  await bucket.remove()
  await server.close()
  await endpoint.close()
})

let looked = 0

/** What was said while something was done: on the streams, through every logger and listener, and by the error. */
async function overheard(work: (hear: (what: unknown) => void) => Promise<unknown>): Promise<string> {
  const heard: string[] = []
  const hear = (what: unknown) => void heard.push(printed(what))
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      heard.push(String(chunk))
      return true
    }),
  )
  try {
    hear(await work(hear))
  } catch (error) {
    hear(error)
    if (!isBackupError(error)) throw error
  } finally {
    for (const stream of streams) stream.mockRestore()
  }
  heard.push(process.title, process.argv.join(' '), readFileSync('/proc/self/cmdline', 'utf8'))
  looked += heard.length
  return heard.join('\n')
}

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const
const hooks = [
  'onBackupStart',
  'onBackupComplete',
  'onBackupError',
  'onRestoreStart',
  'onRestoreComplete',
  'onRestoreError',
]
const events = [
  'start',
  'progress',
  'complete',
  'error',
  'restore-start',
  'restore-progress',
  'restore-complete',
  'restore-error',
] as const

/** A database of canaries, and a plugin that says all that it ever says. */
async function scene(options: ConstructorParameters<typeof BackupPlugin>[0], hear: (what: unknown) => void) {
  const database = await connected({ connectionString: `file://${scratch()}/database` })
  const users = await database.createResource({
    name: 'users',
    attributes: { name: 'string', note: 'string|optional' },
  })
  await users.insert({ id: 'u1', name: canaries.record })
  const listening = Object.fromEntries(
    hooks.map((hook) => [hook, (...said: unknown[]) => hear(said.slice(0, 2))]),
  )
  const plugin = new BackupPlugin({ ...Object(options), ...listening, logLevel: 'trace', verbose: true })
  Reflect.set(
    plugin,
    'logger',
    Object.fromEntries(levels.map((level) => [level, (...said: unknown[]) => hear(said)])),
  )
  await install(database, plugin)
  for (const event of events) plugin.on(`plg:backup:${event}`, (said: unknown) => hear(said))
  return { database, users, plugin }
}

const toS3 = (more: object = {}) => ({
  driver: 's3',
  config: {
    ...{ bucket: bucket.name, region: 'us-east-1', endpoint: server.url, forcePathStyle: true },
    credentials: { ...account, sessionToken: canaries.sessionToken },
    ...more,
  },
})
const encryption = {
  algorithm: 'AES-256-GCM',
  key: canaries.passphrase,
  keyDerivation: { algorithm: 'PBKDF2', iterations: 100_000 },
}
const byKey = { algorithm: 'AES-256-GCM', key: `base64:${canaries.rawKey}` }

const situations: Readonly<Record<string, () => object>> = {
  'all is well, on a disk': () => ({ driver: 'filesystem', config: { path: scratch() } }),
  'all is well, encrypted for a passphrase': () => ({
    driver: 'filesystem',
    config: { path: scratch() },
    encryption,
  }),
  'all is well, encrypted with a key': () => ({
    driver: 'filesystem',
    config: { path: scratch() },
    encryption: byKey,
  }),
  'all is well, on S3': () => toS3({ credentials: account }),
  'the endpoint does not answer': () => toS3({ endpoint: 'http://127.0.0.1:9', maxAttempts: 1 }),
  'the secret is wrong': () =>
    toS3({ credentials: { ...account, secretAccessKey: `${canaries.secretAccessKey}x` } }),
  'the access key is not known': () =>
    toS3({
      credentials: { accessKeyId: `${canaries.accessKeyId}X`, secretAccessKey: canaries.secretAccessKey },
    }),
  'the bucket is not there': () => toS3({ bucket: 'no-such-bucket', credentials: account }),
  'an endpoint with a password': () =>
    toS3({ endpoint: `http://user:${canaries.password}@127.0.0.1:9`, maxAttempts: 1 }),
  'an option is misspelt': () => toS3({ secretAccesKey: canaries.secretAccessKey }),
  'a key that is none': () => ({
    driver: 'filesystem',
    config: { path: scratch() },
    encryption: { ...byKey, key: `base64:${canaries.passphrase}` },
  }),
}

it.each(Object.entries(situations))(
  '%s: no output has a secret or the content of a record',
  async (_, options) => {
    const said = await overheard(async (hear) => {
      const given = options()
      const { plugin, users } = await scene(given, hear)
      const first = await plugin.backup('full')
      hear(first)
      await users.insert({ id: 'u2', name: canaries.otherRecord })
      const { id } = await plugin.backup('incremental')
      for (const read of [
        plugin.list(),
        plugin.describe(id),
        plugin.verify(id),
        plugin.getBackupStatus(id),
        plugin.validateBackups(),
      ])
        hear(await read)
      await damage(given, first.id)
      hear(await plugin.restore(id, { overwrite: true }).catch((error: unknown) => error))
      return plugin.cleanupBackups({ dryRun: true })
    })
    expect(leaksIn(said)).toEqual([])
  },
)

/** Alters a part of a backup on a disk. */
async function damage(options: object, id: string): Promise<void> {
  const path: unknown = Reflect.get(Object(Reflect.get(options, 'config')), 'path')
  if (typeof path !== 'string') return
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.includes(id) && file.includes('.jsonl'),
  )
  for (const file of files) {
    const bytes = readFileSync(join(path, file))
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(join(path, file), bytes)
  }
}

it('no error has the password of a target’s address', async () => {
  const said = await overheard(async (hear) => {
    const { plugin } = await scene({ driver: 'filesystem', config: { path: scratch() } }, hear)
    const { id } = await plugin.backup('full')
    const target = `s3://${canaries.accessKeyId}:${encodeURIComponent(canaries.secretAccessKey)}@bucket/x?endpoint=${encodeURIComponent('http://127.0.0.1:9')}`
    for (const address of [
      target,
      `nonsense://user:${canaries.password}@host/x`,
      `http://user:${canaries.password}@127.0.0.1:9/b`,
    ])
      hear(await plugin.restore(id, { target: address }).catch((error: unknown) => error))
    return 'done'
  })
  expect(leaksIn(said)).toEqual([])
})

it('the search finds every canary, however it is printed', () => {
  const all = Object.values(canaries)
  expect(leaksIn(printed(new Error('x', { cause: { deep: { all } } })))).toEqual(Object.keys(canaries))
  expect(leaksIn(encodeURIComponent(all.join(' ')))).toHaveLength(all.length)
})

it('the temporary directory has no files of ours, and nothing there is open to others', () => {
  const ours = readdirSync(tmpdir()).filter((name) => /^s3db-backup-(drill|scratch|tmp)/.test(name))
  for (const name of ours) expect(statSync(join(tmpdir(), name)).mode & 0o077, name).toBe(0)
})

afterAll(() =>
  record({
    suite: 'secrets',
    what: 'things that the plugin says',
    tried: looked,
    ended: { 'have no secret': looked },
  }),
)
