import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redactor } from '@s3db-backup/core/internal'
import { BackupPlugin } from '@s3db-backup/plugin'
import { Database } from 's3db.js'
import { onTestFinished } from 'vitest'
import { type PageOptions, type PageServer, servePage } from '../src/index.js'

/** A new empty directory that is removed after the test. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-ui-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A connected database that prints nothing. */
export async function database(connectionString = `memory://bucket-${randomUUID()}/shop`): Promise<Database> {
  const made = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  await made.connect()
  onTestFinished(async () => {
    if (made.isConnected()) await made.disconnect()
    await made.destroy()
  })
  return made
}

/** A database with some customers. */
export async function shop(count = 5, connectionString?: string): Promise<Database> {
  const made = await database(connectionString)
  const customers = await made.createResource({
    name: 'customers',
    attributes: { name: 'string|required', visits: 'number' },
  })
  for (let n = 0; n < count; n++) await customers.insert({ id: `c${n}`, name: `Zoë ${n}`, visits: n })
  return made
}

type PluginOptions = NonNullable<ConstructorParameters<typeof BackupPlugin>[0]>

/** The plugin of a database, with its backups in a folder. */
export function plugin(of: Database, options: Partial<PluginOptions> = {}): BackupPlugin {
  const given = { driver: 'filesystem', config: { path: scratch() }, ...options, database: of }
  return new BackupPlugin(given as PluginOptions)
}

/** A served page that is closed after the test. */
export async function served(
  options: Partial<PageOptions> & Pick<PageOptions, 'plugin'>,
): Promise<PageServer> {
  const server = await servePage({ redactor: redactor(), port: 0, ...options })
  onTestFinished(async () => {
    await server.close()
  })
  return server
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Asks as no browser would: any `Host`, any header. */
export function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { connection: 'close', ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf({ headers }: Answered): string {
  return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? ''
}

/** Somebody who came by the link: asks as the page does. */
export async function visitor(server: PageServer) {
  const cookie = cookieOf(await ask(server.link()))
  const headers = { cookie, origin: server.url, 'sec-fetch-site': 'same-origin', 'x-s3db-backup-page': '1' }
  return {
    cookie,
    headers,
    get: (path: string) => ask(server.url + path, { headers }),
    async json(path: string) {
      const { status, body } = await ask(server.url + path, { headers })
      return { status, ...JSON.parse(body) }
    },
    async post(path: string, value: unknown) {
      const { status, body } = await ask(server.url + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(value),
      })
      return { status, ...JSON.parse(body) }
    },
  }
}
