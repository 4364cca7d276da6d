import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { idOf, recordOf } from '../database.mjs'
import { inTurn, timed } from '../measure.mjs'
import { Database } from '../products.mjs'
import { each, makeUsers } from '../s3.mjs'

const cli = join(import.meta.dirname, '../../../apps/cli/dist/bin.js')

function run(program, args, env = {}) {
  const { status, error, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`)
}

/** A database in files, as s3db.js makes it, in a folder of its own that is gone afterwards. */
async function inFolder(records, work) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-files-'))
  try {
    const connection = `file://${join(folder, 'database')}`
    const database = new Database({ connectionString: connection, logLevel: 'silent', exitOnSignal: false })
    await database.connect()
    const users = await makeUsers(database)
    await each(records, 32, (i) => users.insert({ id: idOf(i), ...recordOf(i) }))
    await database.disconnect()
    return await work({ folder, connection })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const sizes = { full: { records: 20_000, times: 5 }, quick: { records: 100, times: 1 } }

export const rows = [
  {
    what: 'full backup of a `file://` database of 20,000 records, by the command',
    against: '`tar czf` of its folder',
    reach: 'at most 2',
    unit: 'ms',
    sizes,
    run: ({ records, times }) =>
      inFolder(records, async ({ folder, connection }) => {
        let made = 0
        const ours = () =>
          timed(() =>
            run(process.execPath, [cli, 'backup', 'full', '--path', join(folder, `backups-${made++}`)], {
              S3DB_CONNECTION: connection,
            }),
          )
        const theirs = () =>
          timed(() => run('tar', ['czf', join(folder, 'archive.tgz'), '-C', folder, 'database']))
        await ours()
        await theirs()
        return inTurn(times, ours, theirs)
      }),
  },
]
