import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { S3db } from 's3db.js'

export const people = Array.from({ length: 30 }, (_, index) => ({
  id: `person-${index}`,
  name: `Zoë ${index} 🎉`,
  country: index % 2 === 0 ? 'DE' : 'BR',
}))

/** Does something with an s3db.js database in a folder. */
export async function inDatabase<T>(folder: string, work: (database: S3db) => Promise<T>): Promise<T> {
  const database = new S3db({ connectionString: `file://${folder}`, logLevel: 'silent', exitOnSignal: false })
  await database.connect()
  try {
    return await work(database)
  } finally {
    await database.disconnect()
  }
}

/** A database with people (and their partition) and an empty resource. */
export function makeDatabase(folder: string): Promise<void> {
  return inDatabase(folder, async (database) => {
    const resource = await database.createResource({
      name: 'people',
      attributes: { name: 'string|required', country: 'string' },
      partitions: { byCountry: { fields: { country: 'string' } } },
      asyncPartitions: false,
    })
    for (const person of people) await resource.insert({ ...person })
    await database.createResource({ name: 'nothing', attributes: { name: 'string' } })
  })
}

/** Makes a database large, much faster than inserting would: copies of one record's files under other ids. */
export async function enlarge(folder: string, records: number): Promise<void> {
  const data = join(folder, 'resource=people/data')
  const description = await readFile(join(data, 'id=person-0.meta.json'))
  for (let index = 0; index < records; index++) {
    await copyFile(join(data, 'id=person-0'), join(data, `id=copy-${index}`))
    await writeFile(join(data, `id=copy-${index}.meta.json`), description)
  }
}

/** What a database has, without s3db.js's own fields. */
export function readPeople(folder: string, resource = 'people'): Promise<unknown[]> {
  return inDatabase(folder, async (database) => {
    const all = await (await database.getResource(resource)).getAll()
    return all
      .map(({ id, name, country }) => ({ id, name, country }))
      .sort((a, b) => Number(String(a.id).slice(7)) - Number(String(b.id).slice(7)))
  })
}

/** One person more, one changed, one less. */
export function changePeople(folder: string): Promise<void> {
  return inDatabase(folder, async (database) => {
    const resource = await database.getResource('people')
    await resource.insert({ id: 'person-30', name: 'New', country: 'BR' })
    await resource.update('person-1', { name: 'Changed' })
    await resource.delete('person-2')
  })
}
