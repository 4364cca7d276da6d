import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { s3Server } from '../../../tooling/s3/test-server.ts'
import { BackupPlugin } from '../src/index.js'
import { inNamespace, namespacesRefused, run, start } from './processes.js'
import { connected, fileAddress, memoryAddress, scratch } from './scene.js'

const hour = 60 * 60 * 1000
const server = await s3Server()

/** The names of the users in a backup, restored. */
async function namesIn(plugin: BackupPlugin, id: string): Promise<string[]> {
  const target = await connected()
  await plugin.restore(id, { target: target as never })
  const { users } = target.resources
  const ids = (await users?.listIds()) ?? []
  return Promise.all(ids.sort().map(async (id) => String(Reflect.get((await users?.get(id)) ?? {}, 'name'))))
}

/** What a process that was killed a while ago would have left. */
function age(path: string, id: string, ms: number): void {
  const file = join(path, id, 'started.json')
  const note: { startedAt: string } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...note, startedAt: new Date(Date.now() - ms).toISOString() }))
}

describe('getBackupStatus() of one process about the backup of another', () => {
  it('is in-progress while it is made and completed afterwards', async () => {
    const path = scratch()
    const go = join(scratch(), 'go')
    const place = { driver: 'filesystem', config: { path } }
    const making = start({
      action: 'backup',
      connectionString: fileAddress(),
      fill: { count: 20, name: 'A' },
      ...place,
      hold: go,
    })
    const { started: id } = await making.said('started')
    const { result: during } = await run({ action: 'status', ...place, id })
    expect(during).toMatchObject({ id, type: 'full', status: 'in-progress', checksum: null, error: null })
    writeFileSync(go, '')
    const { result: made } = await making.said('result')
    const { result: after } = await run({ action: 'status', ...place, id })
    expect(after).toMatchObject({
      id,
      status: 'completed',
      records: 20,
      checksum: made?.checksum,
      error: null,
    })
  })

  it('is in-progress after kill -9, incomplete long after that, and unknown once it is swept', async () => {
    const path = scratch()
    const place = { driver: 'filesystem', config: { path } }
    const fill = { count: 20, name: 'A' }
    const backup = { action: 'backup', fill, ...place }
    await run({ ...backup, connectionString: fileAddress() })
    const never = join(path, 'never')
    const making = start({ ...backup, connectionString: fileAddress(), hold: never })
    const { started: id = '' } = await making.said('started')
    await making.kill()
    const status = { action: 'status', ...place, id }
    expect((await run(status)).result).toMatchObject({ id, status: 'in-progress' })
    age(path, id, 25 * hour)
    expect((await run(status)).result).toMatchObject({
      id,
      status: 'incomplete',
      checksum: null,
      error: { code: 'incomplete' },
    })
    expect((await run({ ...status, options: { staleAfter: 48 * hour } })).result).toMatchObject({
      status: 'in-progress',
    })
    await new BackupPlugin({ config: { path } }).cleanupBackups()
    expect((await run(status)).result).toBeNull()
  })

  it('is failed after its source failed, and unknown once that note is swept', async () => {
    const path = scratch()
    const place = { driver: 'filesystem', config: { path } }
    const making = start({
      action: 'backup',
      connectionString: fileAddress(),
      fill: { count: 5, name: 'A' },
      ...place,
      options: { resources: ['nobody'] },
    })
    const { failed: id = '' } = await making.said('failed')
    expect((await making.said('error')).error).toMatchObject({ code: 'not_found' })
    const status = { action: 'status', ...place, id }
    expect((await run(status)).result).toMatchObject({
      id,
      type: 'full',
      status: 'failed',
      error: { code: 'not_found', metadata: { backupId: id, cancelled: false } },
    })
    expect(readdirSync(join(path, id))).toEqual(['failed.json'])
    const note = readFileSync(join(path, id, 'failed.json'), 'utf8')
    const long = new Date(Date.now() - 25 * hour).toISOString()
    writeFileSync(join(path, id, 'failed.json'), note.replace(/("failedAt": )"[^"]*"/, `$1"${long}"`))
    await new BackupPlugin({ config: { path } }).cleanupBackups()
    expect((await run(status)).result).toBeNull()
  })

  it('is failed after the disk was full', async ({ skip }) => {
    const refused = namespacesRefused()
    skip(refused !== undefined, refused)
    const path = scratch()
    const place = { driver: 'filesystem', config: { path } }
    const backup = {
      action: 'backup',
      connectionString: memoryAddress(),
      fill: { count: 300, name: 'incompressible '.repeat(100) },
      ...place,
      options: { compression: 'none' },
    }
    const script = `
      mount -t tmpfs -o size=200k tmpfs "$DISK"
      "$NODE" --import "$HERE/from-source.mjs" "$HERE/process.mjs" "$BACKUP" | tee "$SAID"
      id=$(sed -n 's/^{"failed":"\\(.*\\)"}$/\\1/p' "$SAID")
      "$NODE" --import "$HERE/from-source.mjs" "$HERE/process.mjs" "$STATUS$id\\"}"
      `
    const env = {
      DISK: path,
      SAID: join(scratch(), 'said'),
      BACKUP: JSON.stringify(backup),
      STATUS: `${JSON.stringify({ action: 'status', ...place }).slice(0, -1)},"id":"`,
    }
    const processes = inNamespace(script, { env })
    expect((await processes.said('error')).error).toMatchObject({ code: 'no_space' })
    const { failed: id } = await processes.said('failed')
    expect((await processes.said('result')).result).toMatchObject({
      id,
      status: 'failed',
      error: { code: 'no_space', operation: 'upload' },
    })
  })
})

/** A place on a disk and one on a server. */
const places = [
  ['filesystem', () => ({ driver: 'filesystem', config: { path: scratch() } })],
  [
    's3',
    () => ({
      driver: 's3',
      config: {
        bucket: server.bucket.name,
        prefix: `processes-${Math.random().toString(36).slice(2)}`,
        region: server.endpoint.region,
        endpoint: server.endpoint.url,
        credentials: server.endpoint.credentials,
        forcePathStyle: true,
      },
    }),
  ],
] as const

describe.each(places)('two processes at the same destination (%s)', (_, placeOf) => {
  it('both back up at once, and both backups can be restored', async () => {
    const place = placeOf()
    const go = join(scratch(), 'go')
    const processes = ['A', 'B'].map((name) =>
      start({
        action: 'backup',
        connectionString: fileAddress(),
        fill: { count: 30, name },
        ...place,
        go,
      }),
    )
    for (const each of processes) await each.said('ready')
    writeFileSync(go, '')
    for (const [index, each] of processes.entries()) {
      const { result: made } = await each.said('result')
      const plugin = new BackupPlugin(place)
      expect(await plugin.verify(String(made?.id))).toMatchObject({ ok: true, records: 30 })
      const names = await namesIn(plugin, String(made?.id))
      expect(new Set(names.map((name) => name[0]))).toEqual(new Set([['A', 'B'][index]]))
      expect(names).toHaveLength(30)
    }
    expect(await new BackupPlugin(place).list()).toHaveLength(2)
  })

  it('that back up under the same id: one wins, the other is a conflict, and the winner keeps everything', async () => {
    const place = placeOf()
    for (let round = 0; round < 3; round++) {
      const id = `chosen-${round}`
      const go = join(scratch(), 'go')
      const processes = ['A', 'B'].map((name) => ({
        name,
        process: start({
          action: 'named',
          connectionString: fileAddress(),
          fill: { count: 10, name },
          ...place,
          go,
          id,
        }),
      }))
      for (const { process } of processes) await process.said('ready')
      writeFileSync(go, '')
      const outcomes = await Promise.all(
        processes.map(async ({ name, process }) => ({ name, line: await process.outcome() })),
      )
      const winners = outcomes.filter(({ line }) => line.result !== undefined)
      const losers = outcomes.filter(({ line }) => line.error !== undefined)
      expect(winners).toHaveLength(1)
      expect(losers).toMatchObject([{ line: { error: { name: 'BackupError', code: 'conflict' } } }])
      const plugin = new BackupPlugin(place)
      const { manifest } = await plugin.describe(id)
      expect(await plugin.verify(id)).toMatchObject({ ok: true, files: manifest.parts.length })
      const names = await namesIn(plugin, id)
      expect(names).toHaveLength(10)
      expect(new Set(names.map((name) => name[0]))).toEqual(new Set([winners[0]?.name]))
    }
  })
})
