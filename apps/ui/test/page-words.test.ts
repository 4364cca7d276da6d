import { errorTable } from '@s3db-backup/core/messages'
import { keygen } from '@s3db-backup/encryption'
import { expect, test } from 'vitest'
import { inThePagesWords } from '../src/server/page-words.js'
import { plugin, scratch, served, shop, visitor } from './scene.js'

/** Names of functions, of options and of fields of errors: nobody can use them on a page. */
const forPrograms = /\w\(\)|metadata|the option (?:encryption|`)|allowPlain|`cause`/

test('what the page advises can be done by somebody who looks at it', async () => {
  const [db, path] = [await shop(2), scratch()]
  const encryption = { algorithm: 'AES-256-GCM' as const, key: keygen() }
  const { id: sealed } = await plugin(db, { config: { path }, encryption }).backup('full')
  const { id: plain } = await plugin(db, { config: { path } }).backup('full')
  const ask = async (more: object, paths: readonly string[]) => {
    const server = await served({ plugin: plugin(db, { config: { path }, ...more }), allowWrites: true })
    const { json } = await visitor(server)
    return Promise.all(paths.map(async (one) => (await json(one)).problem?.suggestion))
  }
  const other = { encryption: { ...encryption, key: keygen() } }
  const given = [
    ...(await ask({}, [`/api/resources?backup=${sealed}`, '/api/backup?id=absent', '/api/drill?key=absent'])),
    ...(await ask(other, [`/api/resources?backup=${sealed}`, `/api/resources?backup=${plain}`])),
  ]
  for (const suggestion of given) {
    expect(suggestion).toEqual(expect.any(String))
    expect(suggestion).not.toMatch(forPrograms)
  }
  expect(given[0]).toContain('--key-file')
})

test('the general advice for each cause of an error is for people, too', () => {
  for (const { suggestion } of Object.values(errorTable))
    expect(inThePagesWords(suggestion)).not.toMatch(forPrograms)
  for (const suggestion of [
    'metadata.failed names each record and the reason. Fix the cause and run the restore again.',
    'Inspect individual driver errors in error.metadata.destinations and fix the failing target.',
    'Back up again; cleanupBackups() removes the leftovers of this one.',
  ])
    expect(inThePagesWords(suggestion)).not.toMatch(forPrograms)
})
