import type { ClientListing, ClientObject } from '../../src/client/database.js'
import type { ClientName, ClientSeam, FileSeam, Stat } from './seams.js'

/** The record that lies are about. It does not change; there are records before and behind it. */
export const victim = 'n3'

/** The record that was written again since the full backup. */
export const changed = 'n5'

/** The record that was made since the full backup. */
export const added = 'n9'

/** What is done with a database that is lied about. */
export const operations = [
  'a full backup',
  'a full backup after an honest one',
  'an incremental backup',
  'a dry run',
] as const

export type OperationName = (typeof operations)[number]

/** One way of telling what is not so. */
export interface Lie {
  readonly what: string
  /** What a failure says of it. */
  readonly named: RegExp
  /** Told by a client of s3db.js (memory, S3). */
  readonly client: (seam: ClientSeam) => void
  /** Told by a file system. */
  readonly file: (seam: FileSeam) => void
  /** Where it leaves no trace, and why it is believed. */
  readonly believed?: Believed
}

export interface Believed {
  readonly clients: readonly ClientName[]
  readonly operations: readonly OperationName[]
  readonly why: string
}

type Contents = NonNullable<ClientListing['Contents']>

const entriesOf = (page: ClientListing): Contents => page.Contents ?? []

const about = (id: string) => (entry: { readonly Key?: string }) => entry.Key?.endsWith(`/id=${id}`) === true

const without = (page: ClientListing, id: string): ClientListing => ({
  ...page,
  Contents: entriesOf(page).filter((entry) => !about(id)(entry)),
})

const timed = (page: ClientListing, time: (date: Date) => Date | undefined): ClientListing => ({
  ...page,
  Contents: entriesOf(page).map(({ LastModified, ...entry }) => {
    const shown = LastModified === undefined ? undefined : time(new Date(LastModified))
    return shown === undefined ? entry : { ...entry, LastModified: shown }
  }),
})

const day = 86_400_000

const noSuchKey = (key: string) =>
  Object.assign(new Error(`no ${key}`), { name: 'NoSuchKey', statusCode: 404 })

const bodyOf = (bytes: Uint8Array): ClientObject['Body'] => ({ transformToByteArray: async () => bytes })

/** Another time in the place of a file's own. */
const shifted =
  (shift: (time: number) => number) =>
  (_: string, stat: Stat): Stat =>
    stat === undefined ? stat : withTime(stat, shift(stat.mtimeMs))

const withTime = (stat: NonNullable<Stat>, mtimeMs: number): Stat =>
  Object.create(stat, { mtimeMs: { value: mtimeMs }, ctimeMs: { value: mtimeMs } })

export const lies: readonly Lie[] = [
  {
    what: 'A listing breaks off',
    named: /list.*(broke off|EIO)/i,
    client: ({ listings }) =>
      listings((page) => {
        const { NextContinuationToken: _, ...rest } = page
        return { ...rest, Contents: entriesOf(page).slice(0, 2), IsTruncated: true }
      }),
    file: ({ folders }) =>
      folders(() => {
        throw Object.assign(new Error('EIO: i/o error, scandir'), { code: 'EIO' })
      }),
  },
  {
    what: 'A listing shows each record twice',
    named: /twice/,
    client: ({ listings }) =>
      listings((page) => ({ ...page, Contents: entriesOf(page).flatMap((entry) => [entry, entry]) })),
    file: ({ folders }) => folders((entries) => [...entries, ...entries]),
  },
  {
    what: 'A listing omits a record that existed before',
    named: new RegExp(victim),
    client: ({ listings }) => listings((page) => without(page, victim)),
    file: ({ folders, nameOf }) =>
      folders((entries) => entries.filter(({ name }) => !name.startsWith(nameOf(victim)))),
    believed: {
      clients: ['memory', 'file', 's3'],
      operations: ['a full backup', 'a dry run'],
      why: 'No earlier backup has the record, so nothing shows that it exists. Once a backup has it, every later backup requests it by its key.',
    },
  },
  {
    what: 'A listing omits a new record',
    named: new RegExp(added),
    client: ({ listings }) => listings((page) => without(page, added)),
    file: ({ folders, nameOf }) =>
      folders((entries) => entries.filter(({ name }) => !name.startsWith(nameOf(added)))),
    believed: {
      clients: ['memory', 'file', 's3'],
      operations,
      why: 'No earlier backup has the record. Once a listing shows it, the next backup contains it.',
    },
  },
  {
    what: 'A listing is in the wrong order',
    named: /lists .* before/,
    client: ({ listings }) => listings((page) => ({ ...page, Contents: entriesOf(page).toReversed() })),
    file: ({ folders }) => folders((entries) => entries.toReversed()),
  },
  {
    what: 'A listing is stale, and a changed record still has its old time',
    named: new RegExp(changed),
    client: ({ listings, past }) =>
      listings((page) => ({
        ...page,
        Contents: entriesOf(page).map((entry) =>
          about(changed)(entry) ? { ...entry, LastModified: new Date(past.earlier) } : entry,
        ),
      })),
    file: ({ stats, nameOf, past }) =>
      stats((path, stat) =>
        stat === undefined || !path.includes(nameOf(changed)) ? stat : withTime(stat, past.earlier),
      ),
    believed: {
      clients: ['memory', 'file', 's3'],
      operations: ['an incremental backup'],
      why: 'An incremental backup goes by the times in the listing; reading every record would make it a full backup. S3, memory and file systems list the current state.',
    },
  },
  {
    what: 'The body and the metadata are of different versions',
    named: new RegExp(`${victim}.*(another body|cannot be read)`),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        const object = await read()
        return key === keyOf(victim)
          ? { ...object, ContentLength: 4, Body: bodyOf(Buffer.from('"??"')) }
          : object
      }),
    file: ({ bodies, nameOf }) =>
      bodies((path, body) =>
        path.endsWith(nameOf(victim)) ? Buffer.from('{"text":"of another moment"}') : body,
      ),
    believed: {
      clients: ['memory', 's3'],
      operations: ['a full backup', 'a full backup after an honest one'],
      why: 'Metadata and body come in one answer to one request. S3 promises that they are of the same version.',
    },
  },
  {
    what: 'The metadata of a record cannot be read',
    named: new RegExp(`${victim}|metadata`),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        if (key === keyOf(victim)) throw new Error('its metadata cannot be decoded')
        return read()
      }),
    file: ({ bodies, nameOf }) =>
      bodies((path, body) => (path.endsWith(`${nameOf(victim)}.meta.json`) ? Buffer.from('{"meta') : body)),
  },
  {
    what: 'Answers are slow',
    named: /slow/,
    client: ({ objects }) =>
      objects(async (_, read) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return read()
      }),
    file: ({ bodies }) =>
      bodies(async (_, body) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return body
      }),
  },
  {
    what: 'A listed record is answered with "not found"',
    named: new RegExp(`${victim}|listed but cannot be found`),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        if (key === keyOf(victim)) throw noSuchKey(key)
        return read()
      }),
    file: ({ stats, bodies, nameOf }) => {
      stats((path, stat) => (path.includes(nameOf(victim)) ? undefined : stat))
      bodies((path, body) => (path.includes(nameOf(victim)) ? undefined : body))
    },
  },
  {
    what: 'A resource has a second name',
    named: /two resources/,
    client: ({ alias }) => alias('notes', 'writings'),
    file: ({ alias }) => alias('notes', 'writings'),
  },
  {
    what: 'Listings have no times',
    named: /time/,
    client: ({ listings }) => listings((page) => timed(page, () => undefined)),
    file: ({ stats }) => stats(shifted(() => 0)),
  },
  {
    what: 'Times are a day ahead',
    named: /time/,
    client: ({ listings }) => listings((page) => timed(page, (date) => new Date(date.getTime() + day))),
    file: ({ stats }) => stats(shifted((time) => time + day)),
  },
  {
    what: 'The definitions are out of date',
    named: /s3db\.json/,
    client: ({ objects, past }) =>
      objects(async (key, read) => {
        const object = await read()
        return key === 's3db.json' ? { ...object, Body: bodyOf(past.definitions) } : object
      }),
    file: ({ bodies, past }) =>
      bodies((path, body) => (path.endsWith('s3db.json') ? Buffer.from(past.definitions) : body)),
  },
]
