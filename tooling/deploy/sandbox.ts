import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { workplace } from '../docs/workplace.ts'
import { environment, root } from './files.ts'

/** Why nothing can be run as in a container here; `undefined` if it can. */
export function whyNoSandbox(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    execFileSync('unshare', [
      '--mount',
      '--net',
      '--pid',
      '--fork',
      'sh',
      '-c',
      'mount -t tmpfs none /mnt && command -v setpriv ip',
    ])
    return undefined
  } catch {
    return 'needs unshare, setpriv and ip, and the right to mount'
  }
}

interface Container {
  /** Whether a volume is mounted at /tmp. */
  readonly writableTmp?: boolean
  /** Set for this command alone. */
  readonly env?: Readonly<Record<string, string>>
}

/** A folder with the built command, a configuration, a database of one record, and room for backups. */
export async function machine() {
  const place = workplace()
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-deploy-'))
  for (const name of ['app', 'config', 'data']) mkdirSync(join(folder, name))
  cpSync(join(place.folder, 'node_modules'), join(folder, 'app/node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  symlinkSync(realpathSync(process.execPath), join(folder, 'app/node_modules/.bin/node'))
  const settings = {
    connection: { env: 'S3DB_CONNECTION' },
    schedule: [{ name: 'nightly', cron: '23 2 * * *', type: 'full' }],
  }
  writeFileSync(join(folder, 'config/s3db-backup.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'config/s3db-backup.password'), 'correct horse battery staple\n')
  const own = ['HOME=/tmp', 'S3DB_CONNECTION=file:///data/shop', 'S3DB_BACKUP_PATH=/data/backups']
  const from = environment().map((line) => line.replace('$PATH', '/usr/bin:/bin'))
  writeFileSync(join(folder, 'env'), `${[...from, ...own].join('\n')}\n`)
  await place.run({ document: 'deploy', line: 1, language: 'js', text: filling(join(folder, 'data/shop')) })
  place.remove()
  const sandbox = join(import.meta.dirname, 'sandbox.sh')
  return {
    folder,
    async run(uid: number, command: readonly string[], { writableTmp = true, env = {} }: Container = {}) {
      const set = Object.entries(env).map(([name, value]) => `${name}=${value}`)
      const words = [String(uid), root, folder, ...(set.length === 0 ? [] : ['env', ...set]), ...command]
      const outside = { ...process.env, TMP_IS_READ_ONLY: writableTmp ? '' : 'yes' }
      const { stdout } = await promisify(execFile)(sandbox, words, { env: outside })
      return stdout
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const filling = (path: string) => `
import { Database } from 's3db.js'
const db = new Database({ connectionString: 'file://${path}', logLevel: 'silent' })
await db.connect()
const users = await db.createResource({ name: 'users', attributes: { name: 'string|required' } })
await users.insert({ id: 'ada', name: 'Ada Lovelace' })
await db.disconnect()
`
