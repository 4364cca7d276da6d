import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { inTurn, timed } from '../measure.mjs'

const cli = join(import.meta.dirname, '../../../apps/cli/dist/bin.js')

const run = (args) => () =>
  timed(() => {
    const { status, error } = spawnSync(process.execPath, args, { stdio: 'ignore' })
    if (error) throw error
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  })

export const rows = [
  {
    what: 'start of the command line, `s3db-backup --help`',
    against: '`node -e 0`',
    reach: 'at most 60 ms more',
    unit: 'ms',
    sizes: { full: { times: 11 }, quick: { times: 1 } },
    async run({ times }) {
      const [help, nothing] = [run([cli, '--help']), run(['-e', '0'])]
      await help()
      await nothing()
      const measured = await inTurn(times, help, nothing)
      return { ...measured, note: `${Math.round(measured.ours - measured.theirs)} ms more` }
    },
  },
]
