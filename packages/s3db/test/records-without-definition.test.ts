import { backup, isBackupError } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import type { Database } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseSource } from '../src/index.js'
import { address, open, ours } from './databases.js'

const s3 = await s3Server()

const places = [
  ['memory', () => address('memory'), {}],
  ['files', () => address('file'), {}],
  ['S3', () => s3.address(`undefined-${Math.random()}`), onS3],
] as const

const attributes = { v: 'string' }

/** Two resources with records, and another connection that knows the definitions only as `forget` leaves them. */
async function withForgotten(
  place: string,
  options: object,
  forget: (resources: Record<string, unknown>) => object,
) {
  const first = await open(place, options)
  for (const name of ['orders', 'users']) {
    const resource = await first.createResource({ name, attributes })
    await resource.insert({ id: '1', v: name })
  }
  const saved = JSON.parse(await text(first, 's3db.json'))
  const body = JSON.stringify({ ...saved, resources: forget(saved.resources) })
  await first.client.putObject({ key: 's3db.json', body, contentType: 'application/json' })
  return open(place, options)
}

async function text({ client }: Database, key: string): Promise<string> {
  const { Body } = await client.getObject(key)
  return Buffer.from((await Body?.transformToByteArray?.()) ?? []).toString()
}

async function outcomeOf(database: Database) {
  const source = databaseSource(ours(database))
  return backup({ source, driver: memory() }).then(
    ({ manifest }) => ({ status: manifest.status, told: '' }),
    (error: unknown) => ({
      status: isBackupError(error) ? error.code : String(error),
      told: isBackupError(error) ? JSON.stringify(error.metadata) : '',
    }),
  )
}

describe.each(places)('a backup of a database on %s', (_where, place, options) => {
  it('names each resource that has records but no definition, and is incomplete', async () => {
    const database = await withForgotten(place(), options, ({ orders }) => ({ orders }))
    const { status, told } = await outcomeOf(database)
    expect(status).toBe('incomplete')
    expect(told).toContain('\\"users\\" has records, but s3db.json does not define it')
    expect(told).not.toContain('orders\\" has records')
  })

  it('that lost all its definitions is not the complete backup of an empty one', async () => {
    const { status, told } = await outcomeOf(await withForgotten(place(), options, () => ({})))
    expect(status).toBe('incomplete')
    for (const name of ['orders', 'users']) expect(told).toContain(`\\"${name}\\" has records`)
  })

  it('is complete once the records of a removed resource are gone, too', async () => {
    const database = await withForgotten(place(), options, ({ orders }) => ({ orders }))
    for (const key of await database.client.getAllKeys({ prefix: 'resource=users/' }))
      await database.client.deleteObject(key)
    expect(await outcomeOf(database)).toEqual({ status: 'completed', told: '' })
  })
})
