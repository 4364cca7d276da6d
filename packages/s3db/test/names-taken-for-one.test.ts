import type { Database } from 's3db.js'
import { expect, it } from 'vitest'
import type { Client } from '../src/client/database.js'
import { address, backUp, open, openNew, ours, restoreInto } from './databases.js'

const fold = (key: string) => key.normalize('NFC').toLowerCase()

/** Like most disks of macOS and Windows: names that differ only in case, or in the form of an accent, are one. */
function ignoringCase(database: Database): void {
  const { client } = ours(database)
  const names = new Map<string, string>()
  const nameOf = (key: string) => names.get(fold(key)) ?? key
  const { putObject, getObject } = client
  client.putObject = function put(this: Client, object) {
    names.set(fold(object.key), nameOf(object.key))
    return putObject.call(this, { ...object, key: nameOf(object.key) })
  }
  client.getObject = function get(this: Client, key) {
    return getObject.call(this, nameOf(key))
  }
}

const ids = ['A', 'a', 'e\u0301', '\u00e9', 'other']

async function backedUp() {
  const source = await openNew()
  const users = await source.createResource({ name: 'users', attributes: { name: 'string' } })
  for (const id of ids) await users.insert({ id, name: `the record ${id}` })
  return backUp(source)
}

it.each(['skip', 'merge', 'replace'] as const)(
  'a record that the target takes for another one is not counted as there (%s)',
  async (mode) => {
    const made = await backedUp()
    const target = await open(address('memory'))
    await target.createResource({ name: 'users', attributes: { name: 'string' } })
    ignoringCase(target)
    const error = await restoreInto(target, made, { mode }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(await target.resources.users?.listIds()).toHaveLength(3)
    expect(error).toMatchObject({
      code: 'incomplete',
      message: expect.stringMatching(
        mode === 'skip' ? /users: it was not written.*"a"/ : /users: of 5 .* 2 are not/,
      ),
    })
  },
)
