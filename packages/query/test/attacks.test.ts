import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failureOf } from '../src/process/failures.js'
import { prepareSelect, sandbox } from '../src/process/sandbox.js'
import { memory, opened, rowsOf, takeAll, temporaryFolder } from './backups.js'

const database = { users: { attributes: { n: 'number' }, rows: [{ id: 'a', n: 1 }] } }

/** A database with one verified file beside a secret one, as a query has it. */
async function scene() {
  const folder = await temporaryFolder()
  const own = join(folder, 'own')
  await mkdir(own)
  const verified = join(own, '1.jsonl')
  const secret = join(folder, 'secret.csv')
  await writeFile(verified, '{"id":"a"}\n')
  await writeFile(secret, 'word\nhidden-word\n')
  await symlink(secret, join(own, 'link.csv'))
  const view = `CREATE VIEW users AS FROM read_json(['${verified}'], format = 'newline_delimited', columns = {id: 'VARCHAR'})`
  const connection = await sandbox([view], {
    files: [verified],
    spill: join(own, 'spill'),
    memory: 2 ** 28,
    threads: 2,
  })
  onTestFinished(() => connection.closeSync())
  const run = async (sql: string) => (await (await prepareSelect(connection, sql)).run()).getRowsJson()
  return { folder, own, verified, secret, run }
}

describe('untrusted SQL', () => {
  const reads = (file: string) => [
    `FROM read_text('${file}')`,
    `FROM read_blob('${file}')`,
    `FROM read_csv('${file}')`,
    `FROM read_json('${file}')`,
    `FROM read_parquet('${file}')`,
    `FROM parquet_metadata('${file}')`,
    `FROM sniff_csv('${file}')`,
    `FROM '${file}'`,
    `FROM query_table('${file}')`,
    `FROM query('FROM read_text(''${file}'')')`,
    `FROM glob('${file}')`,
    `SELECT (SELECT content FROM read_text('${file}'))`,
    `WITH x AS MATERIALIZED (FROM read_text('${file}')) FROM x`,
  ]

  it('reads no file of the machine, not even through links and patterns', async () => {
    const { own, secret, folder, run } = await scene()
    const files = [
      secret,
      join(own, 'link.csv'),
      `${own}/*`,
      `${own}/../secret.csv`,
      `${folder}/**`,
      `file://${secret}`,
    ]
    for (const sql of [...files.flatMap(reads), ...reads('/etc/passwd'), ...reads('/proc/self/environ')])
      await expect(run(sql), sql).rejects.toThrow(
        /Permission Error|Catalog Error|Parser Error|Binder Error|IO Error/,
      )
  })

  it('is one SELECT: it writes nothing, and changes neither settings nor tables', async () => {
    const { own, verified, run, folder } = await scene()
    const before = await readFile(verified)
    const statements = [
      `COPY users TO '${verified}'`,
      `COPY users TO '${folder}/out.csv'`,
      `COPY (SELECT 1) TO '${own}/new.csv'`,
      `EXPORT DATABASE '${folder}/out'`,
      `IMPORT DATABASE '${folder}/out'`,
      `ATTACH '${folder}/x.db'`,
      `ATTACH '${folder}/x.db' AS x; SELECT 1`,
      'INSTALL httpfs',
      'LOAD httpfs',
      `LOAD '${folder}/x.duckdb_extension'`,
      'SET enable_external_access = true',
      'SET lock_configuration = false',
      `SET allowed_paths = ['/etc/passwd']`,
      "SET memory_limit = '100GB'",
      'RESET memory_limit',
      'PRAGMA threads = 100',
      "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
      'CREATE TABLE t AS SELECT 1',
      'CREATE OR REPLACE VIEW users AS SELECT 1',
      'DROP VIEW users',
      'INSERT INTO users VALUES (1)',
      'DELETE FROM users',
      'SELECT 1; DROP VIEW users',
      'PREPARE x AS SELECT 1',
      'CALL enable_logging()',
      'VACUUM',
      'CHECKPOINT',
      'BEGIN',
      `EXPLAIN ANALYZE COPY users TO '${verified}'`,
      `FROM query('COPY users TO ''${verified}''')`,
      `WITH x AS (DELETE FROM users RETURNING *) FROM x`,
      '',
      '-- nothing',
      'SELECT',
    ]
    for (const sql of statements) await expect(run(sql), sql).rejects.toThrow()
    expect(await readFile(verified)).toEqual(before)
    expect(await run('FROM users')).toEqual([['a']])
    expect((await readdir(own)).sort()).toEqual(['1.jsonl', 'link.csv'])
    expect((await readdir(folder)).sort()).toEqual(['own', 'secret.csv'])
  })

  it('reaches no network', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      response.end('{"id":"stolen"}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.json`
    const { run } = await scene()
    for (const sql of [
      ...reads(url),
      ...reads('s3://bucket/key.parquet'),
      `FROM sqlite_scan('x', 'y')`,
      `FROM postgres_scan('x', 'y', 'z')`,
    ])
      await expect(run(sql), sql).rejects.toThrow()
    expect(asked).toBe(0)
  })

  it('cannot read the environment', async () => {
    const { run } = await scene()
    for (const sql of [
      "SELECT getenv('PATH')",
      "SELECT getvariable('PATH')",
      "SELECT current_setting('s3_secret_access_key')",
    ])
      expect(await run(sql).catch(() => [[null]]), sql).toEqual([[null]])
  })

  it('refused, wrong and oversized queries have different errors', async () => {
    const { run, secret } = await scene()
    const failure = (sql: string) => run(sql).then(String, (error: unknown) => failureOf(error).failure)
    expect(await failure(`FROM read_text('${secret}')`)).toBe('access')
    expect(await failure('CREATE TABLE t AS SELECT 1')).toBe('statement')
    expect(await failure('SELECT nothing FROM users')).toBe('sql')
    // A text that is no JSON is no damage of the backup.
    for (const wrong of [
      "json_extract('{bad', '$.a')",
      "json_keys('[')",
      `from_json_strict('[1', '"INTEGER"')`,
    ])
      expect(await failure(`SELECT ${wrong} FROM users`), wrong).toBe('sql')
    expect(await failure('SELECT list(repeat(r::VARCHAR, 1000)) FROM range(10000000) t(r)')).toBe('memory')
  })
})

it('a verified file that DuckDB cannot read is a failure of its content', async () => {
  for (const [line, more] of [
    ['{"id":bad}', ''],
    ['{"id":"a","n":"text"}', ''],
    [`{"id":"${'x'.repeat(40_000_000)}"}`, ', maximum_object_size = 100'],
  ]) {
    const file = join(await temporaryFolder(), '1.jsonl')
    await writeFile(file, `${line}\n`)
    const view = `CREATE VIEW users AS FROM read_json(['${file}'], format = 'newline_delimited', columns = {id: 'VARCHAR', n: 'DOUBLE'}${more})`
    const connection = await sandbox([view], { files: [file], memory: 2 ** 28, threads: 2 })
    onTestFinished(() => connection.closeSync())
    const run = (await prepareSelect(connection, 'FROM users')).run()
    const outcome = run.then(
      () => 'read',
      (error: unknown) => failureOf(error).failure,
    )
    expect(await outcome, line?.slice(0, 40)).toBe('content')
  }
})

describe('the process of a query', () => {
  it('does not inherit the environment, and another user cannot enter its folder', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'secret-of-this-process'
    onTestFinished(() => void delete process.env.AWS_SECRET_ACCESS_KEY)
    const driver = memory()
    const session = await opened({ driver, id: await takeAll(driver, [database]) })
    const { batches } = await session.query('SELECT * FROM range(100000), users')
    const own = await environments()
    expect(own.length).toBe(1)
    expect(own.join('')).not.toContain('secret-of-this-process')
    expect(own.join('')).not.toMatch(/PATH=|HOME=/)
    const [name = ''] = await readdir(session.tempDir)
    expect((await stat(join(session.tempDir, name))).mode & 0o777).toBe(0o700)
    expect((await stat(join(session.tempDir, name, '1.jsonl'))).mode & 0o777).toBe(0o600)
    await batches.return()
    expect(await environments()).toEqual([])
  })

  it('writes nothing through functions either, even if its process crashes', async () => {
    const driver = memory()
    const session = await opened({ driver, id: await takeAll(driver, [database]) })
    const folder = await temporaryFolder()
    const functions = [
      `enable_logging('QueryLog', storage = 'file', storage_path = '${folder}/logs')`,
      `enable_profiling(save_location = '${folder}/profile.txt')`,
    ]
    // DuckDB ends its process if it may not write its log.
    for (const name of functions)
      await rowsOf(session, `SELECT n FROM users UNION ALL SELECT 1 FROM ${name}`).catch((error) =>
        expect(error).toMatchObject({ name: 'BackupError' }),
      )
    expect(await readdir(folder)).toEqual([])
    expect(await rowsOf(session, 'SELECT n FROM users')).toEqual([[1]])
  })

  it('is killed when a query takes too long, holds too much, or never ends', async () => {
    const driver = memory()
    const id = await takeAll(driver, [database])
    const session = await opened({ driver, id, memoryLimit: 2 ** 27, timeout: 4000 })
    const endless =
      'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n % 1000 + 1 FROM r) SELECT count(*) FROM r'
    await expect(session.query(endless)).rejects.toMatchObject({
      code: expect.stringMatching(/unavailable|no_space/),
    })
    await expect(
      session.query(
        'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 5',
      ),
    ).rejects.toMatchObject({ code: 'unavailable' })
    await expect(
      session.query("SELECT list(repeat('x', 1000) || r) FROM range(100000000) t(r)"),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/unavailable|no_space/),
    })
    expect(await environments()).toEqual([])
    expect(await rowsOf(session, 'SELECT n FROM users')).toEqual([[1]])
  })

  it('is killed by an abort, by a reader that stops, and by close', async () => {
    const driver = memory()
    const session = await opened({ driver, id: await takeAll(driver, [database]) })
    const endless =
      'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 5'
    const reason = new Error('enough')
    await expect(session.query(endless, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const query = session.query(endless, { signal: controller.signal })
    setTimeout(() => controller.abort(reason), 1500)
    await expect(query).rejects.toBe(reason)
    const { batches } = await session.query('SELECT * FROM range(100000000)')
    for await (const rows of batches) {
      expect(rows[0]).toEqual([0])
      break
    }
    expect(await environments()).toEqual([])
    const left = await session.query('SELECT * FROM range(100000000)')
    await session.close()
    await expect(left.batches.next().then(() => left.batches.next())).rejects.toThrow('was closed')
    expect(await readdir(session.tempDir)).toEqual([])
    expect(await environments()).toEqual([])
  })
})

/** The environments of the processes of queries that this one has started. */
async function environments(): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    const parent = /PPid:\s*(\d+)/.exec(await read('status'))?.[1]
    if (Number(parent) === process.pid && (await read('cmdline')).includes('query-process'))
      found.push(await read('environ'))
  }
  return found
}
