import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBackupError } from '@s3db-backup/core'
import { afterAll, describe, expect, test } from 'vitest'
import { Database, plugin as newPlugin, ours } from '../../packages/plugin-adapter/test/plugins.ts'
import { stored } from '../../packages/s3db/test/databases.ts'
import type { Ending } from '../../packages/s3db/test/lying-clients/scene.ts'
import { type ClientName, clients } from '../../packages/s3db/test/lying-clients/seams.ts'
import { type TargetLie, targetLies, there } from '../../packages/s3db/test/lying-clients/target-lies.ts'
import { different, lieTo } from '../../packages/s3db/test/lying-clients/target-scene.ts'
import { onS3, s3Server } from '../s3/test-server.ts'

const { address: onServer } = await s3Server()
const folder = mkdtempSync(join(tmpdir(), 's3db-backup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const addresses: Record<ClientName, (name: string) => string> = {
  memory: (name) => `memory://${name}`,
  file: (name) => `file://${folder}/${name}`,
  s3: (name) => onServer(name),
}

const options = { logLevel: 'silent', exitOnSignal: false, ...onS3 } as const
const data = 'resource=notes/data/'

/**
 * A class of databases of which those of a drill lie. Before a drill empties its database, what really lies there is
 * looked at.
 */
function lying(client: ClientName, lie: TargetLie) {
  const seen: Map<string, object>[] = []
  class Liar extends Database {
    override async connect(): Promise<void> {
      await super.connect()
      const connectionString = this.databaseOptions.connectionString ?? ''
      if (!connectionString.includes('/drill-')) return
      lieTo(this, client, lie)
      const own = ours(this).client
      const { deleteObject } = own
      let looked: Promise<unknown> | undefined
      // A drill deletes the records when it has finished with them, many at once.
      own.deleteObject = async function remove(key) {
        if (key.startsWith(data)) {
          looked ??= lookHonestly(connectionString).then((found) => seen.push(found))
          await looked
        }
        return deleteObject.call(own, key)
      }
    }
  }
  return { Liar, seen }
}

async function lookHonestly(connectionString: string): Promise<Map<string, object>> {
  const honest = new Database({ ...options, connectionString })
  await honest.connect()
  try {
    return await stored(honest, data)
  } finally {
    await honest.disconnect()
  }
}

async function drillWith(lie: TargetLie, client: ClientName): Promise<Ending> {
  const { Liar, seen } = lying(client, lie)
  const database = new Liar({ ...options, connectionString: `memory://source-${randomUUID()}` })
  await database.connect()
  try {
    const notes = await database.createResource({
      name: 'notes',
      attributes: { text: 'string', team: 'string' },
      partitions: { byTeam: { fields: { team: 'string' } } },
      asyncPartitions: false,
    })
    for (const id of ['n1', 'n2', there, 'n4', 'n5'])
      await notes.insert({ id, text: `text ${id}`, team: 'backed-up' })
    const truth = await stored(database, data)
    const { plugin } = newPlugin()
    await database.usePlugin(plugin)
    const { id } = await plugin.backup('full')
    const report = await plugin.drills.run(id, { scratch: addresses[client](`liar-${randomUUID()}`) })
    if (!report.ok) return { is: 'failed', saying: JSON.stringify([report.resources, report.problems]) }
    return different(truth, seen[0] ?? new Map())
  } catch (error) {
    if (!isBackupError(error)) throw error
    return { is: 'failed', saying: `${error.message} ${JSON.stringify(error.metadata)}` }
  } finally {
    await database.disconnect()
  }
}

/*
 * A drill passes if the database that it restores into has what the backup has. Whatever that database says or does that
 * is not so: the drill is right about it, or it fails and names what is wrong.
 */
describe.each(clients)('a drill with a database in %s', (client) => {
  test.each(targetLies)('$what, and it is right, or says so', async (lie) => {
    const ending = await drillWith(lie, client)
    const isBelieved = lie.believed?.some(
      (one) => one.clients.includes(client) && one.restores.includes('a drill'),
    )
    if (isBelieved === true) return expect(ending.is).toBe('wrong')
    if (ending.is === 'failed') expect(ending.saying).toMatch(lie.named)
    else expect(ending).toEqual({ is: 'right' })
  })
})
