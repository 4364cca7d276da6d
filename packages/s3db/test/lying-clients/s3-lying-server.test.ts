import { Database } from 's3db.js'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { onS3, s3Server } from '../../../../tooling/s3/test-server.ts'
import { operations } from './lies.js'
import { makeScene, type Scene, tell } from './scene.js'
import { notOnAServer, serverLies } from './server-lies.js'

const { address, proxy } = await s3Server()

test('every wrong answer that a server can give is given by one', () => {
  expect(notOnAServer).toEqual(['Answers are slow', 'A resource has a second name'])
})

/* The lies of `lying-clients`, told to s3db.js and the SDK by what stands before a real server. */
describe('a server with wrong answers', () => {
  let scene: Scene
  const databases: Database[] = []
  beforeAll(async () => {
    const connectionString = address('liar')
    scene = await makeScene(async () => {
      const database = new Database({ ...onS3, connectionString, logLevel: 'silent', exitOnSignal: false })
      databases.push(database)
      await database.connect()
      return database
    })
  })
  afterEach(() => proxy.clear())
  afterAll(async () => {
    for (const database of databases) await database.disconnect()
  })

  const cells = serverLies.flatMap((lie) => operations.map((operation) => ({ ...lie, operation })))

  test.each(cells)(
    '$what, and $operation is correct, or reports the problem',
    async ({ operation, ...lie }) => {
      const ending = await tell(
        () => {
          for (const rule of lie.rules(scene.past)) proxy.add(rule)
        },
        operation,
        scene,
      )
      const { believed } = lie
      const isBelieved = believed?.clients.includes('s3') === true && believed.operations.includes(operation)
      if (isBelieved) return expect(ending.is).toBe('wrong')
      if (ending.is === 'failed') expect(ending.saying).toMatch(lie.named)
      else expect(ending).toEqual({ is: 'right' })
    },
  )
})
