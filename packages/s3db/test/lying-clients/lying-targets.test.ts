import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { afterAll, describe, expect, test } from 'vitest'
import { onS3, s3Server } from '../../../../tooling/s3/test-server.ts'
import { type ClientName, clients } from './seams.js'
import { targetLies } from './target-lies.js'
import { makeTargetScene, restoreToLiar, type TargetScene } from './target-scene.js'

const { address: onServer } = await s3Server()
const folder = mkdtempSync(join(tmpdir(), 's3db-backup-'))
afterAll(() => rmSync(folder, { recursive: true }))

const addresses: Record<ClientName, (name: string) => string> = {
  memory: (name) => `memory://${name}`,
  file: (name) => `file://${folder}/${name}`,
  s3: (name) => onServer(name),
}

/** Made in the first test. */
let made: Promise<TargetScene> | undefined

/*
 * Whatever a target says or does that is not so: the restore does what its mode promises all the same, or it fails, or
 * lacks something, and names what is wrong. Where neither can be, the list of lies says that it is believed, and why.
 */
describe.each(clients)('a target in %s', (client) => {
  const databases: Database[] = []
  afterAll(async () => {
    for (const database of databases) await database.disconnect()
  })

  const connecting = () => {
    const connectionString = addresses[client](`liar-${randomUUID()}`)
    const options = { connectionString, logLevel: 'silent', exitOnSignal: false } as const
    return async () => {
      const database = new Database(client === 's3' ? { ...options, ...onS3 } : options)
      databases.push(database)
      await database.connect()
      return database
    }
  }

  describe.each(targetLies)('$what', (lie) => {
    test.each(['skip', 'merge', 'replace'] as const)(
      'and a restore with "%s" does what it promises, or reports that it does not',
      async (mode) => {
        made ??= makeTargetScene()
        const scene = await made
        const ending = await restoreToLiar(lie, client, mode, scene, connecting())
        const isBelieved = lie.believed?.some(
          (one) => one.clients.includes(client) && one.restores.includes(mode),
        )
        // The list of trusted wrong answers has no entry that is detected.
        if (isBelieved === true) return expect(ending.is).toBe('wrong')
        if (ending.is === 'failed') expect(ending.saying).toMatch(lie.named)
        else expect(ending).toEqual({ is: 'right' })
      },
    )
  })
})
