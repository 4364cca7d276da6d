import { backup, isBackupError } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { databaseSource } from '../src/index.js'
import { backUp, openNew, ours, restoreInto } from './databases.js'

const attributes = { v: 'string' }

async function withResource(name: string) {
  const database = await openNew()
  const users = await database.createResource({ name: 'users', attributes })
  await users.insert({ id: '1', v: 'x' })
  const made = await database.createResource({ name, attributes }).then(
    async (resource) => resource.insert({ id: '1', v: 'y' }),
    () => undefined,
  )
  return { database, made: made !== undefined }
}

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return isBackupError(error) ? error : undefined
}

describe('a resource with an unlucky name', () => {
  it.each(['..', '.', 'a\nb', 'a\u2028b', '*', ':'])(
    'is backed up and restored like any other (%j)',
    async (name) => {
      const { database } = await withResource(name)
      const target = await openNew('file')
      await restoreInto(target, await backUp(database))
      expect(await target.resources[name]!.get('1')).toMatchObject({ v: 'y' })
      expect(await target.resources.users!.get('1')).toMatchObject({ v: 'x' })
    },
  )

  it('that a backup accepts is accepted by its restore; the others are restored in any case', async () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
      fc.string({
        unit: fc.constantFrom('.', ':', ' ', '\n', '\\', '/', '%', '=', 'é', '\ud800', 'objects'),
        minLength: 1,
      }),
    )
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const { database, made } = await withResource(name)
        if (!made || name === 'users' || name === '__proto__') return
        const driver = memory()
        const source = databaseSource(ours(database))
        const error = await failureOf(backup({ source, driver }))
        const id = error === undefined ? undefined : String(error.metadata.backupId)
        if (error !== undefined) expect(error.code).toBe('incomplete')
        const target = await openNew()
        const whole = id === undefined ? await backUp(database, driver) : { driver, id }
        await restoreInto(target, whole, { allowIncomplete: true })
        expect(await target.resources.users!.get('1')).toMatchObject({ v: 'x' })
        if (id === undefined) expect(await target.resources[name]!.get('1')).toMatchObject({ v: 'y' })
      }),
      { numRuns: 40 },
    )
  })

  it('that backups reserve is named, and the others are backed up', async () => {
    const { database } = await withResource(':objects')
    const driver = memory()
    const error = await failureOf(backup({ source: databaseSource(ours(database)), driver }))
    expect(error?.code).toBe('incomplete')
    expect(JSON.stringify(error?.metadata)).toContain('\\":objects\\" cannot be backed up')
  })

  it('that is too long for the target fails alone', async () => {
    const name = 'n'.repeat(300)
    const { database } = await withResource(name)
    const target = await openNew('file')
    const error = await failureOf(restoreInto(target, await backUp(database)))
    expect(error).toMatchObject({ code: 'incomplete', metadata: { failed: { [name]: [{ id: '1' }] } } })
    expect(await target.resources.users!.get('1')).toMatchObject({ v: 'x' })
  })
})

describe('definitions that s3db.js cannot open again', () => {
  it('are restored without the partitions that it refuses, which are named', async () => {
    const database = await openNew('file')
    const partitions = { byRegion: { fields: { region: 'string' } } }
    // s3db.js changes the object that it is given: it adds partitions by time if the resource has timestamps.
    const shared = () => ({ attributes: { region: 'string' }, partitions, asyncPartitions: false })
    const users = await database.createResource({ name: 'users', ...shared() })
    const logs = await database.createResource({ name: 'logs', ...shared(), timestamps: true })
    await users.insert({ id: 'a', region: 'US' })
    await logs.insert({ id: 'b', region: 'US' })
    const target = await openNew()
    const { resources } = await restoreInto(target, await backUp(database))
    expect(resources.users?.shortfalls).toEqual([
      { reason: expect.stringContaining('"byCreatedDate" was left out'), records: 0, ids: [] },
      { reason: expect.stringContaining('"byUpdatedDate" was left out'), records: 0, ids: [] },
    ])
    expect(await target.resources.users!.get('a')).toMatchObject({ region: 'US' })
    const asked = { partition: 'byRegion', partitionValues: { region: 'US' } }
    expect(await target.resources.users!.listIds(asked)).toEqual(['a'])
    expect(await target.resources.logs!.listIds(asked)).toEqual(['b'])
    expect(resources.logs?.shortfalls).toBeUndefined()
  })
})
