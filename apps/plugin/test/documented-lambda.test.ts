import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { withBallast } from '../../../tooling/test/with-ballast.ts'
import { BackupPlugin } from '../src/index.js'
import { inNamespace, namespacesRefused, runScript } from './processes.js'
import { connected, filled } from './scene.js'

const server = await s3Server()
const records = 400
/** More than a warm function ever needs for so many. */
const plenty = 600_000
/** What the handler keeps for itself; with little more the backup cannot be made. */
const reserve = 20_000
/** The memory of the function in the guide, in MiB. */
const memory = 512

/** The handler of the guide, as it is written there. */
function handler(): string {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/lambda.md'), 'utf8')
  return /^```ts\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? ''
}

/** What Lambda gives a function. There is no HOME. */
async function environment(name: string) {
  const connectionString = server.address(`lambda/${name}`)
  const database = await filled(records, { connectionString, ...onS3 })
  const bucket = await server.anotherBucket()
  const env = {
    HANDLER: handler(),
    DATABASE: connectionString,
    BACKUP_BUCKET: bucket.name,
    NODE_OPTIONS: '--max-old-space-size=128 --disable-warning=ExperimentalWarning',
  }
  const plugin = new BackupPlugin({
    database,
    driver: 's3',
    config: { bucket: bucket.name, prefix: 'backups' },
  })
  return { bucket, env, plugin }
}

async function expectRestored(plugin: BackupPlugin, id: string): Promise<void> {
  const target = await connected()
  await plugin.restore(id, { target: target as never })
  expect(await target.resources.users?.count()).toBe(records)
}

it('AWS Lambda: the handler of the guide backs up on a disk that is read-only, without HOME, in little memory', async ({
  skip,
}) => {
  const refused = namespacesRefused()
  skip(refused !== undefined, refused)
  const { env, plugin } = await environment('disk')
  const script = `
    # A repository below /tmp would be gone with it.
    case "$HERE" in /tmp/*)
      mount --bind "$ROOT" /mnt
      mount -o remount,bind,ro /mnt
      HERE="/mnt\${HERE#"$ROOT"}"
      case "$NODE" in "$ROOT"/*) NODE="/mnt\${NODE#"$ROOT"}" ;; esac ;;
    esac
    mount -t tmpfs -o size=1m,mode=1777 tmpfs /tmp
    mount -o remount,bind,ro /
    cd "$HERE"
    exec "$NODE" --import "$HERE/from-source.mjs" "$HERE/lambda.mjs" '[${plenty}, ${plenty}]'
    `
  const { result } = await inNamespace(script, { env: { ...env, READ_ONLY: 'yes' } }).said('result')
  expect(result).toMatchObject({
    invocations: [{ made: { records } }, { made: { records } }],
    // Nothing lies in /tmp, and elsewhere nothing could be written.
    written: [],
    refused: ['EROFS', 'EROFS', 'EROFS', 'EROFS'],
    home: null,
  })
  expect(Number(result?.peak)).toBeLessThan(memory)
  const listed = await plugin.list()
  expect(listed).toHaveLength(2)
  for (const { id } of listed) await expectRestored(plugin, id)
})

it('the measurement detects a function that uses all the memory of Lambda', async () => {
  const { result } = await runScript('lambda.mjs', ['[]'], withBallast(memory, { HANDLER: handler() }))
  expect(Number(result?.peak)).toBeGreaterThan(memory)
})

it('AWS Lambda: a backup that would take too long stops before, says so, leaves nothing, and the next one works', async () => {
  const { bucket, env, plugin } = await environment('time')
  const late = [reserve, reserve + 100, reserve + 250]
  const { result } = await runScript('lambda.mjs', [JSON.stringify([...late, plenty])], env)
  const timeout = { error: { name: 'TimeoutError', message: expect.stringContaining('timeout') } }
  expect(result).toMatchObject({ invocations: [timeout, timeout, timeout, { made: { records } }] })
  const [made, ...others] = await plugin.list()
  expect(others).toEqual([])
  const id = String(made?.id)
  await expectRestored(plugin, id)
  const left = (await bucket.keys('')).filter((key) => !key.startsWith(`backups/${id}/`))
  expect(left.filter((key) => !key.endsWith('/failed.json'))).toEqual([])
  for (const key of left)
    expect(await plugin.getBackupStatus(key.split('/')[1] ?? '')).toMatchObject({
      status: 'failed',
      error: { code: 'unavailable', metadata: { cancelled: true } },
    })
})
