import type { Row } from '@s3db-backup/core'
import { describe, expect, it } from 'vitest'
import { backUp, openNew, ours, restoreInto, stored } from './databases.js'

const mark = 'zq9mark'
const behaviors = ['user-managed', 'body-overflow', 'body-only', 'enforce-limits', 'truncate-data'] as const

/** A resource of each behaviour; every value of a person has the mark in it, in the record, its parts and its content. */
async function filled() {
  const database = await openNew()
  for (const behavior of behaviors) {
    const resource = await database.createResource({
      name: behavior,
      behavior,
      timestamps: true,
      asyncPartitions: false,
      attributes: {
        email: 'string',
        notes: 'string|optional',
        age: 'number|optional',
        tags: 'array|items:string|optional',
        address: { $$type: 'object|optional', street: 'string|optional' },
        password: 'secret|optional',
      },
      partitions: { byEmail: { fields: { email: 'string' } } },
    })
    const long = behavior === 'enforce-limits' || behavior === 'truncate-data' ? 300 : 6000
    for (const id of ['a', 'b', 'c'])
      await resource.insert({
        id,
        email: `${mark}-${id}@example.org`,
        notes: id === 'a' ? 'short' : `${mark} ${'é'.repeat(long / 2)}`,
        age: 41,
        tags: [mark, 'x|y'],
        address: { street: mark },
        password: 'hidden',
      })
    await resource.update('b', { age: 42 })
    await resource.setContent({ id: 'c', buffer: `content of ${mark}`, contentType: 'text/plain' })
  }
  await ours(database).client.putObject({ key: 'plugin=audit/log', body: mark, metadata: { who: mark } })
  return database
}

const mask = (row: Row) => ({
  ...row,
  email: `masked-${row.id}`,
  notes: typeof row.notes === 'string' ? '*'.repeat(row.notes.length) : null,
  tags: ['tag'],
  address: { street: 'none' },
})

describe('restore with a transform', () => {
  it('leaves no unmasked byte anywhere in the target, and every record reads as transformed', async () => {
    const made = await backUp(await filled())
    const target = await openNew()
    const result = await restoreInto(target, made, { transform: mask })
    for (const behavior of behaviors) {
      expect(result.resources[behavior]).toMatchObject({ restored: 3, failed: [] })
      const resource = await target.getResource(behavior)
      expect(
        await resource.listIds({ partition: 'byEmail', partitionValues: { email: 'masked-b' } }),
      ).toEqual(['b'])
    }
    expect(result.internal).toEqual({})
    for (const [key, { metadata, body }] of await stored(target))
      expect(`${key} ${JSON.stringify(metadata)} ${Buffer.from(body).toString('utf8')}`).not.toContain(mark)
    // The content of the target, as the source of another backup shows it.
    for (const behavior of behaviors) {
      const [before, after] = [new Map<string, Row>(), new Map<string, Row>()]
      for (const [source, rows] of [
        [made, before],
        [await backUp(target), after],
      ] as const)
        await restoreInto(await openNew(), source, {
          resources: [behavior],
          dryRun: true,
          transform(row) {
            rows.set(row.id, structuredClone(row))
            return row
          },
        })
      expect([...after.values()]).toEqual([...before.values()].map(mask))
    }
  })

  it('leaves out a record for null, and restores named data of plugins', async () => {
    const made = await backUp(await filled())
    const target = await openNew()
    const result = await restoreInto(target, made, {
      resources: ['body-only', 'plugin=audit'],
      transform: (row) => (row.id === 'a' ? null : row),
    })
    expect(result.resources['body-only']).toMatchObject({ restored: 2, failed: [] })
    expect([...(await stored(target)).keys()]).toContain('plugin=audit/log')
  })

  it('is refused into the database of the backup in every mode, unless allowed', async () => {
    const database = await filled()
    const made = await backUp(database)
    const before = await stored(database)
    for (const mode of ['skip', 'merge', 'replace'] as const)
      for (const dryRun of [true, false])
        await expect(restoreInto(database, made, { mode, dryRun, transform: mask })).rejects.toMatchObject({
          code: 'invalid_options',
          message: expect.stringContaining('is the database that backup'),
        })
    expect(await stored(database)).toEqual(before)
    await restoreInto(database, made, { mode: 'merge', transform: mask, intoSource: true })
    expect((await (await database.getResource('body-only')).get('a')).email).toBe('masked-a')
  })

  it('names a record whose new value cannot be stored exactly, and a secret that is not one', async () => {
    const made = await backUp(await filled())
    const wrong = (row: Row): Row =>
      row.id === 'a' ? { ...row, age: 'unknown' } : row.id === 'b' ? { ...row, password: 'plain' } : row
    await expect(
      restoreInto(await openNew(), made, { resources: ['body-only'], transform: wrong }),
    ).rejects.toMatchObject({
      code: 'incomplete',
      metadata: {
        failed: {
          'body-only': [
            { id: 'a', reason: 'it would not read as it was given: age' },
            {
              id: 'b',
              reason: 'the secret "password" is not as it was stored: keep it, or leave it out',
            },
          ],
        },
      },
    })
  })

  it.each([
    ['returns nothing', () => undefined as never, 'it returned no record'],
    ['changes an id', (row: Row) => ({ ...row, id: 'other' }), 'it changed the id'],
    [
      'throws',
      () => {
        throw new Error('no')
      },
      'it threw',
    ],
    [
      'gives a number that is none',
      (row: Row) => ({ ...row, age: Number.NaN }),
      'it gave the field "age" NaN',
    ],
    [
      'gives an infinite number',
      (row: Row) => ({ ...row, address: { street: -1 / 0 } }),
      'it gave the field "street" -Infinity',
    ],
    [
      'gives a function',
      (row: Row) => ({ ...row, notes: () => 'x' }),
      'it gave the field "notes" a function',
    ],
  ])('stops at the first record where the transform %s', async (_, transform, why) => {
    const made = await backUp(await filled())
    await expect(
      restoreInto(await openNew(), made, { transform: async (row: Row) => transform(row) }),
    ).rejects.toMatchObject({ code: 'invalid_options', message: expect.stringContaining(why) })
  })
})
