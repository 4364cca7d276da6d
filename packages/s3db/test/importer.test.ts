import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Driver } from '@s3db-backup/core'
import { type Database, ImporterPlugin } from 's3db.js'
import { describe, expect, it } from 'vitest'
import { backUp, call, openNew, type Resource, restoreInto, scratch } from './databases.js'

/*
 * The importer of s3db.js reads the lines of a backup as it reads any JSON lines: it inserts them. What that keeps
 * and what it loses is written in docs/importer.md.
 */

const security = { passphrase: 'the same passphrase on both sides' }

/** Puts the lines of a resource into a file of their own, as they lie at the destination. */
async function linesOf(driver: Driver, resource: string): Promise<string> {
  const path = join(scratch(), `${resource}.jsonl.gz`)
  for await (const { key } of driver.list('', call)) {
    if (!key.endsWith(`/${resource}.jsonl.gz`)) continue
    const chunks: Uint8Array[] = []
    for await (const chunk of driver.get(key, { ...call, kind: 'part' })) chunks.push(chunk)
    writeFileSync(path, Buffer.concat(chunks))
  }
  return path
}

async function importInto(database: Database, resource: string, path: string) {
  const importer = new ImporterPlugin({ resource, format: 'jsonl', logLevel: 'silent' })
  await database.usePlugin(importer as never, 'importer')
  return importer.import(path)
}

const attributes = {
  name: 'string',
  age: 'number|optional',
  tags: 'array|items:string|optional',
  born: 'dateonly|optional',
  home: { $$type: 'object|optional', city: 'string|optional' },
  token: 'secret|optional',
}

const create = (database: Database): Promise<Resource> =>
  database.createResource({
    name: 'users',
    attributes,
    timestamps: true,
    behavior: 'body-overflow',
    partitions: { byName: { fields: { name: 'string' } } },
    asyncPartitions: false,
  })

async function scenario() {
  const source = await openNew('memory', { security })
  const users = await create(source)
  await users.insert({
    id: 'plain',
    name: 'Zoë 😀',
    age: 1.5,
    tags: ['a', 'b|c'],
    born: '2001-02-03',
    home: { city: 'Köln' },
  })
  await users.insert({ id: 'sealed', name: 'has a secret', token: 'plaintext' })
  await users.insert({ id: 'content', name: 'has content' })
  await users.setContent({ id: 'content', buffer: Buffer.from([1, 2, 255]), contentType: 'image/png' })
  await new Promise((resolve) => setTimeout(resolve, 20))
  const made = await backUp(source)
  const imported = await openNew('memory', { security })
  await create(imported)
  const result = await importInto(imported, 'users', await linesOf(made.driver, 'users'))
  const restored = await openNew('memory', { security })
  await restoreInto(restored, made)
  return { users, imported: imported.resources.users!, restored: restored.resources.users!, result, made }
}

describe("s3db.js's ImporterPlugin on the lines of a backup", () => {
  it('restores ids and plain values, and answers partition queries', async () => {
    const { users, imported, result } = await scenario()
    expect(result).toMatchObject({ inserted: 3, errors: 0 })
    const { name, age, tags, born, home } = await users.get('plain')
    expect(await imported.get('plain')).toMatchObject({ id: 'plain', name, age, tags, born, home })
    const byName = { partition: 'byName', partitionValues: { name: 'Zoë 😀' } }
    expect(await imported.listIds(byName)).toEqual(['plain'])
  })

  it('loses createdAt and updatedAt, which a restore keeps', async () => {
    const { users, imported, restored } = await scenario()
    const original = await users.get('plain')
    expect((await restored.get('plain')).createdAt).toBe(original.createdAt)
    expect((await imported.get('plain')).createdAt).not.toBe(original.createdAt)
  })

  it('keeps a secret that the same passphrase can decrypt, as a restore does', async () => {
    const { users, imported, restored } = await scenario()
    const ciphertext = async (resource: Resource) => {
      const { Metadata } = await resource.client.getObject(resource.getResourceKey('sealed'))
      return String(Metadata?.[resource.schema.map.token ?? ''])
    }
    const original = await ciphertext(users)
    expect(original).not.toBe('plaintext')
    expect(await ciphertext(restored)).toBe(original)
    expect(await ciphertext(imported)).toBe(original)
    expect((await imported.get('sealed')).token).toBe('plaintext')
    expect((await restored.get('sealed')).token).toBe('plaintext')
  })

  it('loses content, which a restore keeps', async () => {
    const { imported, restored } = await scenario()
    const bytes = async (resource: Resource) => (await resource.content('content')).buffer
    expect(await bytes(restored)).toEqual(Buffer.from([1, 2, 255]))
    expect(await bytes(imported)).not.toEqual(Buffer.from([1, 2, 255]))
  })

  it('needs an existing resource, and never replaces a record', async () => {
    const { imported, made } = await scenario()
    await imported.update('plain', { name: 'changed since' })
    const database = imported.database as unknown as Database
    const again = new ImporterPlugin({ resource: 'users', format: 'jsonl', logLevel: 'silent' })
    await database.usePlugin(again as never, 'importer')
    const result = await again.import(await linesOf(made.driver, 'users'))
    expect(result).toMatchObject({ inserted: 0, errors: 3 })
    expect((await imported.get('plain')).name).toBe('changed since')
    const empty = await openNew()
    await expect(importInto(empty, 'users', await linesOf(made.driver, 'users'))).rejects.toThrow()
  })

  it('runs the hooks of the resource, which a restore does not', async () => {
    const { made } = await scenario()
    const target = await openNew('memory', { security })
    const users = await create(target)
    const heard: string[] = []
    users.addHook('beforeInsert', async (record: unknown) => {
      heard.push('beforeInsert')
      return record
    })
    await importInto(target, 'users', await linesOf(made.driver, 'users'))
    expect(heard).toHaveLength(3)
  })
})
