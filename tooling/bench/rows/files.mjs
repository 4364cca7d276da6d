import { join } from 'node:path'
import { isInstalled, ours, used } from '../commands.mjs'
import { withFileDatabase } from '../file-database.mjs'
import { withProcessorTime } from '../measure.mjs'

const sizes = { full: { records: 20_000, times: 5 }, quick: { records: 100, times: 1 } }

const fullBackup = ({ folder, connection }, path) =>
  ours(['backup', 'full', '--path', join(folder, path)], { S3DB_CONNECTION: connection })

/** The rows against restic: each compares two functions that are made for one database and one repository. */
const againstRestic =
  (prepare) =>
  ({ records, times }) => {
    if (!isInstalled('restic')) return { skipped: 'restic is not installed' }
    return withFileDatabase(records, async (database) => {
      const restic = (repository, args) =>
        used(['restic', '--no-cache', ...args], {
          RESTIC_REPOSITORY: join(database.folder, repository),
          RESTIC_PASSWORD: 'a bench',
        })
      const saved = (repository) => restic(repository, ['backup', join(database.folder, 'database')])
      const [own, theirs] = await prepare({ database, restic, saved })
      return withProcessorTime(times, 'wall', own, theirs)
    })
  }

export const rows = [
  {
    what: 'full backup of a `file://` database of 20,000 records, by the command',
    against: '`tar czf` of its folder',
    reach: 'at most 2',
    unit: 'ms',
    sizes,
    run: ({ records, times }) =>
      withFileDatabase(records, async (database) => {
        let made = 0
        const own = () => fullBackup(database, `backups-${made++}`)
        const { folder } = database
        const theirs = () => used(['tar', 'czf', join(folder, 'archive.tgz'), '-C', folder, 'database'])
        await own()
        await theirs()
        return withProcessorTime(times, 'wall', own, theirs)
      }),
  },
  {
    what: 'full backup of a `file://` database of 20,000 records, by the command',
    against: '`restic backup` of its folder into a new repository',
    reach: 'less than 1',
    unit: 'ms',
    sizes: { ...sizes, full: { records: 20_000, times: 3 } },
    run: againstRestic(async ({ database, restic, saved }) => {
      let made = 0
      await fullBackup(database, 'warm')
      const theirs = async () => {
        const repository = `restic-${made++}`
        await restic(repository, ['init'])
        return saved(repository)
      }
      return [() => fullBackup(database, `backups-${made++}`), theirs]
    }),
  },
  {
    what: 'incremental backup of the same without changes, by the command',
    against: '`restic backup` of its folder once more',
    reach: 'at most 0.5',
    unit: 'ms',
    sizes: { ...sizes, full: { records: 20_000, times: 3 } },
    run: againstRestic(async ({ database, restic, saved }) => {
      await restic('restic', ['init'])
      await saved('restic')
      await fullBackup(database, 'backups')
      const own = () =>
        ours(['backup', 'incremental', '--path', join(database.folder, 'backups')], {
          S3DB_CONNECTION: database.connection,
        })
      await own()
      return [own, () => saved('restic')]
    }),
  },
  {
    what: 'restore of the same into `file://`, by the command',
    against: '`restic restore` of the folder',
    reach: 'less than 1',
    unit: 'ms',
    sizes: { ...sizes, full: { records: 20_000, times: 3 } },
    run: againstRestic(async ({ database, restic, saved }) => {
      const { folder } = database
      await restic('restic', ['init'])
      await saved('restic')
      await fullBackup(database, 'backups')
      let made = 0
      const own = () =>
        ours([
          'restore',
          'latest',
          '--path',
          join(folder, 'backups'),
          '--target',
          `file://${folder}/to-${made++}`,
        ])
      return [
        own,
        () => restic('restic', ['restore', 'latest', '--target', join(folder, `restic-to-${made++}`)]),
      ]
    }),
  },
]
