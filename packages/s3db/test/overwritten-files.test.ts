import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createObject } from '../src/client/create-object.js'
import type { Client } from '../src/client/database.js'
import { fileReads } from '../src/client/files/file-database.js'
import { readObject, writeObject } from '../src/client/objects.js'
import { call, open, ours, scratch } from './databases.js'

const object = (name: string, body: string) => ({
  metadata: { _v: 'v1', name },
  body: Buffer.from(body),
  contentType: undefined,
})

const bodies = [
  ['', ''],
  ['', 'longer'],
  ['before', ''],
  ['before', 'longer'],
] as const

async function fileClient() {
  const root = join(scratch(), 'db')
  const { client } = ours(await open(`file://${root}`))
  return { root, client }
}

async function read(client: Client, key: string) {
  const found = await readObject(client, key, call)
  return found && [found.metadata.name, Buffer.from(found.body).toString()]
}

const folder = 'resource=notes/data'
const key = `${folder}/id=1`

test.each(bodies)(
  'an object stays as it was when the metadata of the new one cannot be written (%j, then %j)',
  async (first, second) => {
    const { root, client } = await fileClient()
    await writeObject(client, key, object('first', first), call)
    const files = fileReads(client)?.files
    if (files === undefined) throw new Error('no files')
    const { write } = files
    Reflect.set(files, 'write', async (path: string, content: string) => {
      if (path.includes('.meta.json')) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      return write(path, content)
    })
    await expect(writeObject(client, key, object('second', second), call)).rejects.toThrow('no space left')
    Reflect.set(files, 'write', write)
    expect(await read(client, key)).toEqual(['first', first])
    expect(readdirSync(join(root, folder)).sort()).toEqual(['id=1', 'id=1.meta.json'])
  },
)

test.each(bodies)(
  'an object with a name too long for a suffix is created and overwritten (%j, then %j)',
  async (first, second) => {
    const { root, client } = await fileClient()
    mkdirSync(join(root, folder), { recursive: true })
    for (const length of [220, 221, 230, 231, 245]) {
      const long = `${folder}/${'id='.padEnd(length, 'x')}`
      expect(await createObject(client, long, object('first', first), call)).toBe('created')
      await writeObject(client, long, object('second', second), call)
      expect(await read(client, long)).toEqual(['second', second])
    }
    expect(readdirSync(join(root, folder)).length).toBe(10)
    const tooLong = `${folder}/${'id='.padEnd(246, 'x')}`
    await expect(writeObject(client, tooLong, object('first', first), call)).rejects.toThrow('ENAMETOOLONG')
    expect(existsSync(join(root, tooLong))).toBe(false)
  },
)
