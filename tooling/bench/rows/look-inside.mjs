import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { inTurn, timed } from '../measure.mjs'
import { core, duckdb, filesystem, openQuery } from '../products.mjs'
import { idOf, recordOf, rowsOf, shortRowsOf } from '../records.mjs'
import { memoryStore } from '../store.mjs'

const partOf = ({ parts }, kind) => parts.find(({ holds }) => holds === kind)

/** A folder of backups that is gone afterwards. */
async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
  try {
    return await work(folder, filesystem({ path: folder }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function cat({ records, times }) {
  return inFolder(async (folder, driver) => {
    const source = core.records({ users: { records: rowsOf(records) } })
    const { id, manifest } = await core.backup({ source, driver, verify: false })
    const { file, contentBytes } = partOf(manifest, 'rows')
    const ours = async () => {
      const opened = await core.open({ driver, id })
      let bytes = 0
      for await (const chunk of opened.lines('users')) bytes += chunk.byteLength
      if (bytes !== contentBytes) throw new Error(`${bytes} of ${contentBytes} bytes`)
    }
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
    const theirs = () => pipeline(createReadStream(join(folder, id, file)), createGunzip(), nowhere())
    await ours()
    await theirs()
    return inTurn(
      times,
      () => timed(ours),
      () => timed(theirs),
    )
  })
}

const delay = 15

/** A storage that answers each request after 15 ms, and counts what it is asked for. */
function farStore() {
  const store = memoryStore()
  const asked = { requests: 0, bytes: 0 }
  const wait = () => {
    asked.requests += 1
    return new Promise((resolve) => setTimeout(resolve, delay))
  }
  return {
    ...store,
    asked,
    capabilities: { range: true },
    async *get(key, call) {
      await wait()
      const { offset = 0, length = Number.POSITIVE_INFINITY } = call ?? {}
      for await (const bytes of store.get(key)) {
        const some = bytes.subarray(offset, offset + length)
        asked.bytes += some.byteLength
        yield some
      }
    },
    async *list(prefix) {
      await wait()
      yield* store.list(prefix)
    },
  }
}

async function oneRecord({ records, times }) {
  const store = farStore()
  const source = core.records({ users: { records: shortRowsOf(records) } })
  const { id, manifest } = await core.backup({ source, driver: store, verify: false })
  const key = `${id}/${partOf(manifest, 'rows').file}`
  const wanted = idOf(Math.floor(records * 0.6))
  let [requests, bytes] = [0, 0]
  const ours = async () => {
    Object.assign(store.asked, { requests: 0, bytes: 0 })
    const row = await (await core.open({ driver: store, id })).get('users', wanted)
    if (row?.id !== wanted) throw new Error('not the record')
    ;({ requests, bytes } = store.asked)
  }
  const theirs = async () => {
    for await (const _ of store.get(key, { length: 100_000 }));
  }
  const measured = await inTurn(
    times,
    () => timed(ours),
    () => timed(theirs),
  )
  return { ...measured, note: `${requests - 1} requests more, ${Math.round(bytes / 1024)} KB read` }
}

async function historyOfOne({ records, backups, times }) {
  const store = memoryStore()
  const driver = { ...store, capabilities: { range: true } }
  driver.get = async function* (key, call) {
    const { offset = 0, length = Number.POSITIVE_INFINITY } = call ?? {}
    for await (const bytes of store.get(key)) yield bytes.subarray(offset, offset + length)
  }
  const keys = []
  let last
  for (let turn = 0; turn < backups; turn++) {
    const source = core.records({ users: { records: shortRowsOf(records) } })
    const { id, manifest } = await core.backup({ source, driver, verify: false })
    keys.push(`${id}/${partOf(manifest, 'index').file}`)
    last = id
  }
  const wanted = idOf(records >> 1)
  const ours = async () => {
    const versions = []
    for await (const version of (await core.open({ driver, id: last })).history('users', wanted))
      versions.push(version)
    if (versions.length !== 1) throw new Error(`${versions.length} versions`)
  }
  const theirs = async () => {
    for (const key of keys) for await (const bytes of store.get(key)) gunzipSync(bytes)
  }
  await ours()
  return inTurn(
    times,
    () => timed(ours),
    () => timed(theirs),
  )
}

const sql = 'SELECT city, count(*) AS users, avg(age) AS age FROM users GROUP BY city ORDER BY city'

/** Users of which some more have another age at each link of a chain: one in a thousand at the first. */
function usersAt(link, records) {
  const numbered = (id) => Number(id.slice(1))
  const change = (row) => (numbered(row.id) % 1000 < link ? { ...row, age: row.age + link } : row)
  return {
    incremental: true,
    describe: async () => ({
      database: { name: 'bench' },
      resources: [
        {
          name: 'users',
          attributes: { name: 'string', email: 'string', city: 'string', age: 'number' },
          partitions: {},
          timestamps: false,
        },
      ],
    }),
    async *read(_resource, { since }) {
      if (since === undefined) {
        let rows = []
        for (const row of shortRowsOf(records))
          if (rows.push(change(row)) === 1000) {
            yield { rows }
            rows = []
          }
        yield { rows }
        return
      }
      for await (const marks of since.index) {
        const replaced = marks.filter(({ id }) => numbered(id) % 1000 < link)
        const { note: _, ...any } = recordOf(0, 0)
        yield { rows: replaced.map(({ id }) => change({ ...any, id })), replaced }
      }
    },
  }
}

/** A chain of four: each incremental backup has some thousandths of the records anew. */
async function queried({ records, times }, verified) {
  return inFolder(async (folder, driver) => {
    let made
    for (let link = 0; link < 4; link++) {
      const source = usersAt(link, records)
      made = await core.backup({ source, driver, verify: false, ...(link === 0 ? {} : { incremental: {} }) })
    }
    const source = usersAt(3, records)
    const plain = await core.backup({ source, driver, verify: false, type: 'plain' })
    const file = join(folder, plain.id, partOf(plain.manifest, 'rows').file)
    const connection = await (await duckdb()).connect()
    const theirs = async () => {
      const result = await connection.runAndReadAll(
        `${sql.replace('FROM users', `FROM read_json('${file}', format = 'newline_delimited', columns = {id: 'VARCHAR', name: 'VARCHAR', email: 'VARCHAR', city: 'VARCHAR', age: 'DOUBLE'})`)}`,
      )
      return result.getRowsJson()
    }
    const open = () => openQuery({ driver, id: made.id })
    const ask = async (session) => {
      const found = []
      for await (const rows of (await session.query(sql)).batches) found.push(...rows)
      if (found.length !== 4) throw new Error(`${found.length} rows`)
    }
    const kept = await open()
    await ask(kept)
    await theirs()
    const withVerification = async () => {
      const session = await open()
      await ask(session)
      await session.close()
    }
    const measured = await inTurn(
      times,
      () => timed(verified ? () => ask(kept) : withVerification),
      () => timed(theirs),
    )
    await kept.close()
    return measured
  })
}

const million = { full: { records: 1_000_000, times: 5 }, quick: { records: 3000, times: 1 } }

export const rows = [
  {
    what: '`cat` of a whole resource, every block compared with its hash',
    against: 'bare gunzip of its file of rows',
    reach: 'at most 1.5',
    unit: 'ms',
    sizes: { full: { records: 200_000, times: 5 }, quick: { records: 3000, times: 1 } },
    run: cat,
  },
  {
    what: 'one record by id out of 1,000,000, every request takes 15 ms',
    against: 'one GET of 100 KB',
    reach: 'at most 3 requests more, at most 512 KB read',
    unit: 'ms',
    sizes: million,
    run: oneRecord,
  },
  {
    what: '`history` of one record over 100 backups of 2,000 records',
    against: 'reading and unpacking the 100 key indexes',
    reach: 'at most 2',
    unit: 'ms',
    sizes: {
      full: { records: 2_000, backups: 100, times: 25 },
      quick: { records: 500, backups: 3, times: 1 },
    },
    run: historyOfOne,
  },
  {
    what: '`query`: GROUP BY over 1,000,000 records, a full backup and three incremental ones, once verified',
    against: 'DuckDB over one gzip file of the same records',
    reach: 'at most 1.5',
    unit: 'ms',
    sizes: million,
    run: (size) => queried(size, true),
  },
  {
    what: 'the same with the verification',
    against: 'DuckDB over one gzip file of the same records',
    reach: 'at most 3',
    unit: 'ms',
    sizes: million,
    run: (size) => queried(size, false),
  },
]
