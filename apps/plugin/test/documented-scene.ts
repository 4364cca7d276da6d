import { join } from 'node:path'
import type { Database } from 's3db.js'
import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { startLocalServer } from '../../../tooling/s3/local-server/server.ts'
import { send } from '../../../tooling/s3/signed-request.ts'
import { type AnyDriver, BackupPlugin as RealPlugin } from '../src/index.js'
import { made, memoryAddress, scratch } from './scene.js'

/*
 * What the snippets of the documentation take for granted, so that they run as they are written: paths lie in a
 * directory of the test, buckets on a server in this process, databases in memory, and nothing is printed.
 */

const credentials = { accessKeyId: 'LOCALKEY1', secretAccessKey: 'local-secret-1' }
let server: Awaited<ReturnType<typeof startLocalServer>> | undefined
let root = ''

/** The documented buckets. `invalid` is not among them. */
const buckets = [
  'backups',
  'prod-backups',
  'my-backups',
  'my-backup-bucket',
  'backups-us-east-1',
  'backups-eu-west-1',
  'backups-primary',
  'backups-secondary',
  'remote-backups',
  'remote-backup',
  'remote',
  'secure-backups',
  'backup-users',
  'backup-events',
]

/** To be called at the top of a test file. */
export function documented(): void {
  beforeAll(async () => {
    server = await startLocalServer([credentials])
    for (const bucket of buckets) await ask('PUT', `/${bucket}`)
  })
  afterAll(async () => {
    await server?.close()
  })
  beforeEach(() => {
    root = scratch()
    for (const method of ['log', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockReturnValue(undefined)
  })
}

function ask(method: string, path: string): Promise<Response> {
  const url = server?.url ?? ''
  const known = { other: undefined, kmsKeyId: undefined, server: 'local', close: async () => undefined }
  const endpoint = { url, region: 'us-east-1', credentials, ...known }
  return send(endpoint, { method, path, query: {}, body: '', headers: {} })
}

/** The class that the server keeps an object in, by its address `s3://<bucket>/<key>`. */
export async function storageClassOf(address: string): Promise<string> {
  const answer = await ask('HEAD', address.replace('s3:/', ''))
  return answer.headers.get('x-amz-storage-class') ?? 'STANDARD'
}

/** Where a documented path lies in this test. */
export const at = (path: string): string => join(root, path)

type Options = ConstructorParameters<typeof RealPlugin>[0]

/** The plugin, with local places for the documented ones. */
export class BackupPlugin extends RealPlugin<AnyDriver> {
  constructor(options: Record<string, unknown> = {}) {
    super(localise(options) as Options)
  }
}

Object.defineProperty(BackupPlugin, 'name', { value: 'BackupPlugin' })

/** For the snippets that do not show how the plugin comes to its database. */
export function pluginsOf(database: Database): typeof BackupPlugin {
  return class extends BackupPlugin {
    constructor(options: Record<string, unknown> = {}) {
      super({ database, ...options })
    }
  }
}

/** s3db.js, with databases in memory for those on S3: one for each connection string of a test. */
export function databases() {
  const addresses = new Map<string, string>()
  function Local({ connectionString }: { connectionString: string }): Database {
    const address = addresses.get(connectionString) ?? memoryAddress()
    addresses.set(connectionString, address)
    return made({ connectionString: address })
  }
  return Local as unknown as typeof Database
}

function localise(options: Record<string, unknown>): Record<string, unknown> {
  const { driver = 'filesystem', config } = options
  if (typeof config !== 'object' || config === null) {
    return driver === 'filesystem' ? { ...options, config: { path: at('backups') } } : options
  }
  return { ...options, config: localPlace(driver, { ...config }) }
}

function localPlace(driver: unknown, config: Record<string, unknown>): Record<string, unknown> {
  if (driver === 's3' && server !== undefined)
    return { ...config, endpoint: server.url, region: 'us-east-1', credentials, forcePathStyle: true }
  if (driver === 'filesystem' && typeof config.path === 'string') return { ...config, path: at(config.path) }
  const inner = (value: unknown) => (Array.isArray(value) ? value.map(localise) : value)
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      name === 'drivers' || name === 'destinations' ? inner(value) : value,
    ]),
  )
}
