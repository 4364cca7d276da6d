import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from 's3db.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onS3, s3Server } from '../../../../tooling/s3/test-server.ts'
import { ours } from '../databases.js'
import { lies, operations } from './lies.js'
import { makeScene, type Scene, tell } from './scene.js'
import { type ClientName, clientSeam, clients, fileSeam } from './seams.js'

const { address: onServer } = await s3Server()

const addresses: Record<ClientName, (folder: string) => string> = {
  memory: () => `memory://liar-${randomUUID()}`,
  file: (folder) => `file://${folder}/db`,
  s3: () => onServer('liar'),
}

/*
 * Whatever a storage says that is not so: the backup is right all the same, or it fails and names what is wrong. Where
 * neither can be, the list of lies says that it is believed, and why; docs/source-contract.md is written from it.
 */
describe.each(clients)('a database in %s', (client) => {
  let scene: Scene
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  const databases: Database[] = []
  beforeAll(async () => {
    const connectionString = addresses[client](folder)
    const options = { connectionString, logLevel: 'silent', exitOnSignal: false } as const
    scene = await makeScene(async () => {
      const database = new Database(client === 's3' ? { ...options, ...onS3 } : options)
      databases.push(database)
      await database.connect()
      return database
    })
  })
  afterAll(async () => {
    for (const database of databases) await database.disconnect()
    rmSync(folder, { recursive: true })
  })

  describe.each(lies)('$what', (lie) => {
    test.each(operations)('and %s is correct, or reports the problem', async (operation) => {
      const ending = await tell(
        (database) => {
          if (client === 'file') lie.file(fileSeam(ours(database), scene.past))
          else lie.client(clientSeam(ours(database), scene.past))
        },
        operation,
        scene,
      )
      const { believed } = lie
      const isBelieved =
        believed?.clients.includes(client) === true && believed.operations.includes(operation)
      // The list of trusted wrong answers has no entry that is detected.
      if (isBelieved) return expect(ending.is).toBe('wrong')
      if (ending.is === 'failed') expect(ending.saying).toMatch(lie.named)
      else expect(ending).toEqual({ is: 'right' })
    })
  })
})
