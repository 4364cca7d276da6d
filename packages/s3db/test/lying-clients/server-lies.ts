import type { Rule } from '../../../../tooling/s3/fault-proxy.ts'
import { added, changed, type Lie, lies, victim } from './lies.js'
import type { Past } from './seams.js'

/** A lie that a server, or something in front of it, tells in the words of S3. */
export interface ServerLie extends Pick<Lie, 'what' | 'named' | 'believed'> {
  readonly rules: (past: Past) => readonly Rule[]
}

const listings = /^GET \S*[?&]list-type=2\S*notes/
const record = (id: string) => new RegExp(`^(GET|HEAD) \\S*notes/data/id(=|%3D)${id}(\\?|$)`)

const rewritten = (rewrite: (page: string) => string) => (): readonly Rule[] => [
  { match: listings, fault: { kind: 'rewritten-answer', rewrite } },
]

const entries = (page: string) => page.match(/<Contents>.*?<\/Contents>/gs) ?? []

/** The same page with other entries. */
const withEntries = (page: string, change: (entries: string[]) => string[]) => {
  const before = entries(page)
  const bare = page.replaceAll(/<Contents>.*?<\/Contents>/gs, '')
  return bare.replace('</ListBucketResult>', `${change(before).join('')}</ListBucketResult>`)
}

const isAbout = (id: string) => (entry: string) => entry.includes(`id=${id}</Key>`)

const forgetting = (id: string) =>
  rewritten((page) => withEntries(page, (all) => all.filter((entry) => !isAbout(id)(entry))))

const timed = (change: (time: string) => string) =>
  rewritten((page) =>
    page.replaceAll(/<LastModified>(.*?)<\/LastModified>/g, (_, time: string) => change(time)),
  )

const shown = (time: number) => `<LastModified>${new Date(time).toISOString()}</LastModified>`

const day = 86_400_000

/** The same that is told to the client, as a server says it. */
const told: Readonly<Record<string, ServerLie['rules']>> = {
  'A listing breaks off': rewritten((page) =>
    withEntries(page, (all) => all.slice(0, 2))
      .replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, '')
      .replace('<IsTruncated>false<', '<IsTruncated>true<'),
  ),
  'A listing shows each record twice': rewritten((page) =>
    withEntries(page, (all) => all.flatMap((entry) => [entry, entry])),
  ),
  'A listing omits a record that existed before': forgetting(victim),
  'A listing omits a new record': forgetting(added),
  'A listing is in the wrong order': rewritten((page) => withEntries(page, (all) => all.toReversed())),
  'A listing is stale, and a changed record still has its old time': ({ earlier }) =>
    rewritten((page) =>
      withEntries(page, (all) =>
        all.map((entry) =>
          isAbout(changed)(entry)
            ? entry.replace(/<LastModified>.*?<\/LastModified>/, shown(earlier))
            : entry,
        ),
      ),
    )(),
  'The body and the metadata are of different versions': () => [
    {
      match: record(victim),
      fault: {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'application/json', 'x-amz-meta-_v': 'v2', 'x-amz-meta-0': 'mixed' },
        body: '{"text":"of another moment"}',
      },
    },
  ],
  'The metadata of a record cannot be read': () => [
    { match: record(victim), fault: { kind: 'answer', status: 403, code: 'AccessDenied' } },
  ],
  'A listed record is answered with "not found"': () => [
    { match: record(victim), fault: { kind: 'answer', status: 404, code: 'NoSuchKey' } },
  ],
  'Listings have no times': timed(() => ''),
  'Times are a day ahead': timed((time) => shown(Date.parse(time) + day)),
  'The definitions are out of date': ({ definitions }) => [
    {
      match: /^GET \S*\/s3db\.json(\?|$)/,
      fault: {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(definitions).toString('utf8'),
      },
    },
  ],
}

/** What only a server can say. */
export const ofServers: readonly ServerLie[] = [
  {
    what: 'Listings have neither times nor ETags',
    named: /time/,
    rules: rewritten((page) =>
      page.replaceAll(/<LastModified>.*?<\/LastModified>/g, '').replaceAll(/<ETag>.*?<\/ETag>/g, ''),
    ),
  },
  {
    what: 'A listing out of order shows records again at its end',
    named: /lists .* before/,
    rules: rewritten((page) => withEntries(page, (all) => [...all, ...all.toReversed()])),
  },
  {
    what: 'A proxy answers with a page that says "not found"',
    named: new RegExp(`${victim}|404`),
    rules: () => [
      {
        match: record(victim),
        fault: {
          kind: 'answer',
          status: 404,
          headers: { 'content-type': 'text/html' },
          body: '<html><body>Not Found</body></html>',
        },
      },
    ],
  },
  {
    what: 'A record is answered without its metadata',
    named: new RegExp(victim),
    rules: () => [{ match: record(victim), fault: { kind: 'answer', status: 200, body: '' } }],
    believed: {
      clients: ['s3'],
      operations: ['a full backup', 'a full backup after an honest one'],
      why: 'A record may have been stored without metadata. The storage returns everything in one answer, and there is no other source to compare it with.',
    },
  },
]

export const serverLies: readonly ServerLie[] = [
  ...lies.flatMap((lie) => {
    const rules = told[lie.what]
    return rules === undefined ? [] : [{ ...lie, rules }]
  }),
  ...ofServers,
]

/** What is a matter of s3db.js, or of patience, and not of what a server says. */
export const notOnAServer = lies.map(({ what }) => what).filter((what) => told[what] === undefined)
