import { expect, it } from 'vitest'
import { backUp, openNew, ours, restoreInto } from './databases.js'

it('a restore says that the database is full if its definitions do not fit', async () => {
  const source = await openNew()
  const users = await source.createResource({ name: 'users', attributes: { name: 'string' } })
  await users.insert({ id: 'a', name: 'Ada' })
  const made = await backUp(source)
  const target = await openNew('file')
  const storage = Reflect.get(ours(target).client, 'storage')
  const write = storage._writeAtomic
  storage._writeAtomic = async () => {
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
  }
  await expect(restoreInto(target, made)).rejects.toMatchObject({
    code: 'no_space',
    message: expect.stringMatching(/^Cannot store the definitions of the database/),
  })
  storage._writeAtomic = write
})
