import type { ClientListing } from '../../src/client/database.js'
import type { ClientName, ClientSeam, FileSeam, Stat, Writes } from './seams.js'

/** A record that the target has before the restore, otherwise than the backup. */
export const there = 'n3'

/** A record that only the target has. */
export const extra = 'x1'

/** A record that only the backup has. */
export const fresh = 'n1'

/** What is done with a target that lies. */
export const restores = ['skip', 'merge', 'replace', 'a drill'] as const

export type RestoreName = (typeof restores)[number]

/** One way in which a target tells or does what is not so. */
export interface TargetLie {
  readonly what: string
  /** What a failure says of it. */
  readonly named: RegExp
  /** Told by a client of s3db.js (memory, S3). */
  readonly client: (seam: ClientSeam) => void
  /** Told by a file system. */
  readonly file: (seam: FileSeam) => void
  /** Where it leaves no trace, and why it is believed. */
  readonly believed?: readonly BelievedOfTarget[]
}

export interface BelievedOfTarget {
  readonly clients: readonly ClientName[]
  readonly restores: readonly RestoreName[]
  readonly why: string
}

type Contents = NonNullable<ClientListing['Contents']>

const entriesOf = (page: ClientListing): Contents => page.Contents ?? []

const about = (id: string) => (entry: { readonly Key?: string }) => entry.Key?.endsWith(`/id=${id}`) === true

const refusal = (code: string, statusCode: number) =>
  Object.assign(new Error(code), { name: code, code, statusCode })

const day = 86_400_000

const withTimes = (stat: NonNullable<Stat>, value: number): Stat =>
  Object.create(stat, { mtimeMs: { value }, ctimeMs: { value } })

const pausing = () => new Promise((resolve) => setTimeout(resolve, 20))

const everywhere = ['memory', 'file', 's3'] as const

/** The same for clients and files: what is written passes the client in both. */
const written = (lie: (seam: Writes) => void) => ({ client: lie, file: lie })

const forgets = (id: string): Pick<TargetLie, 'client' | 'file'> => ({
  client: ({ listings }) =>
    listings((page) => ({ ...page, Contents: entriesOf(page).filter((entry) => !about(id)(entry)) })),
  file: ({ folders, nameOf }) =>
    folders((entries) => entries.filter(({ name }) => !name.startsWith(nameOf(id)))),
})

export const targetLies: readonly TargetLie[] = [
  {
    what: 'A listing breaks off',
    named: /list.*(broke off|EIO)/i,
    client: ({ listings }) =>
      listings((page) => {
        const { NextContinuationToken: _, ...rest } = page
        return { ...rest, Contents: entriesOf(page).slice(0, 1), IsTruncated: true }
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
    what: 'A listing is in the wrong order',
    named: /lists .* before/,
    client: ({ listings }) => listings((page) => ({ ...page, Contents: entriesOf(page).toReversed() })),
    file: ({ folders }) => folders((entries) => entries.toReversed()),
  },
  {
    what: 'A listing omits a record that the backup also has',
    named: new RegExp(`${there}|not listed`),
    ...forgets(there),
  },
  {
    what: 'A listing omits a record that only the target has',
    named: new RegExp(extra),
    ...forgets(extra),
    believed: [
      {
        clients: everywhere,
        restores: ['replace'],
        why: 'Nothing else shows that the record exists, so it is not removed.',
      },
    ],
  },
  {
    what: 'A listing shows a record that does not exist',
    named: new RegExp(fresh),
    client: ({ listings, keyOf }) =>
      listings((page) => {
        const [like] = entriesOf(page)
        const prefix = like?.Key?.replace(/resource=.*$/, '') ?? ''
        const shown = { ...like, Key: `${prefix}${keyOf(fresh)}`, LastModified: new Date() }
        const others = entriesOf(page).filter((entry) => !about(fresh)(entry))
        return { ...page, Contents: [shown, ...others] }
      }),
    file: ({ folders, nameOf }) =>
      folders((entries) => {
        const [like] = entries
        if (like === undefined || entries.some(({ name }) => name === nameOf(fresh))) return entries
        return [...entries, Object.create(like, { name: { value: nameOf(fresh) } })]
      }),
    believed: [
      {
        clients: everywhere,
        restores: ['skip'],
        why: 'Listed records are skipped. Requesting each of them would cost as much as writing it.',
      },
    ],
  },
  {
    what: 'A listed record is answered with "not found"',
    named: new RegExp(there),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        if (key === keyOf(there)) throw refusal('NoSuchKey', 404)
        return read()
      }),
    file: ({ stats, bodies, nameOf }) => {
      stats((path, stat) => (path.includes(nameOf(there)) ? undefined : stat))
      bodies((path, body) => (path.includes(nameOf(there)) ? undefined : body))
    },
  },
  {
    what: 'A read returns an earlier state of a record',
    named: new RegExp(there),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        const object = await read()
        return key === keyOf(there) ? { ...object, Metadata: { ...object.Metadata, '1': 'earlier' } } : object
      }),
    file: ({ bodies, nameOf }) =>
      bodies((path, body) => {
        if (body === undefined || !path.endsWith(`${nameOf(there)}.meta.json`)) return body
        const described = JSON.parse(body.toString('utf8'))
        return Buffer.from(
          JSON.stringify({ ...described, metadata: { ...described.metadata, '1': 'earlier' } }),
        )
      }),
    believed: [
      {
        clients: everywhere,
        restores: ['merge'],
        why: 'The values of a record determine its references. The references themselves are listed only with `replace`.',
      },
    ],
  },
  {
    what: 'The metadata of a record cannot be read',
    named: new RegExp(there),
    client: ({ objects, keyOf }) =>
      objects(async (key, read) => {
        if (key === keyOf(there)) throw new Error('its metadata cannot be decoded')
        return read()
      }),
    file: ({ bodies, nameOf }) =>
      bodies((path, body) => (path.endsWith(`${nameOf(there)}.meta.json`) ? Buffer.from('{"meta') : body)),
  },
  {
    what: 'A write of a new record is confirmed, but nothing is stored',
    named: new RegExp(`${fresh}|not listed`),
    ...written(({ puts, keyOf }) =>
      puts(async (object, write) => (object.key === keyOf(fresh) ? {} : write(object))),
    ),
  },
  {
    what: 'An overwrite of a record is confirmed, but nothing is stored',
    named: new RegExp(there),
    ...written(({ puts, keyOf }) =>
      puts(async (object, write) => (object.key === keyOf(there) ? {} : write(object))),
    ),
    believed: [
      {
        clients: everywhere,
        restores: ['merge', 'replace'],
        why: 'The record is listed as before. Reading back every record would cost as much as the whole restore; a drill does it.',
      },
    ],
  },
  {
    what: 'What is stored differs from what was written',
    named: new RegExp(fresh),
    ...written(({ puts, keyOf }) =>
      puts((object, write) => {
        if (object.key !== keyOf(fresh)) return write(object)
        return write({ ...object, metadata: { ...object.metadata, '0': 'something else' } })
      }),
    ),
    believed: [
      {
        clients: everywhere,
        restores: ['skip', 'merge', 'replace'],
        why: 'Reading back every record would cost as much as the whole restore; a drill does it.',
      },
    ],
  },
  {
    what: 'A write is refused as if the record existed',
    named: new RegExp(fresh),
    ...written(({ puts, keyOf }) =>
      puts(async (object, write) => {
        if (object.key === keyOf(fresh) && object.ifNoneMatch !== undefined)
          throw refusal('PreconditionFailed', 412)
        return write(object)
      }),
    ),
  },
  {
    what: 'A deletion is confirmed, but nothing is deleted',
    named: new RegExp(extra),
    ...written(({ deletions, keyOf }) =>
      deletions(async (key, remove) => (key === keyOf(extra) ? {} : remove())),
    ),
  },
  {
    what: 'Answers are slow',
    named: /slow/,
    ...written(({ puts, deletions }) => {
      puts(async (object, write) => {
        await pausing()
        return write(object)
      })
      deletions(async (_, remove) => {
        await pausing()
        return remove()
      })
    }),
  },
  {
    what: 'Listings have no times',
    named: /time/,
    client: ({ listings }) =>
      listings((page) => ({
        ...page,
        Contents: entriesOf(page).map(({ LastModified: _, ...entry }) => entry),
      })),
    file: ({ stats }) => stats((_, stat) => stat && withTimes(stat, 0)),
  },
  {
    what: 'Times are a day ahead',
    named: /time/,
    client: ({ listings }) =>
      listings((page) => ({
        ...page,
        Contents: entriesOf(page).map((entry) => ({ ...entry, LastModified: new Date(Date.now() + day) })),
      })),
    file: ({ stats }) => stats((_, stat) => stat && withTimes(stat, stat.mtimeMs + day)),
  },
]
