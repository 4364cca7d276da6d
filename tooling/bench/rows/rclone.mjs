import { join } from 'node:path'
import { isInstalled, ours, used } from '../commands.mjs'
import { inFolder } from '../file-database.mjs'
import { withProcessorTime } from '../measure.mjs'
import { connectionTo, makeUsers, onS3, openS3Database, putUsers } from '../s3.mjs'

const sizes = { full: { records: 4000, times: 3 }, quick: { records: 100, times: 1 } }

/** rclone is told of the place by its environment, in which AWS_CA_BUNDLE breaks the one of Debian. */
function rcloneTo({ endpoint, bucket }, folder) {
  const { accessKeyId, secretAccessKey } = endpoint.credentials
  const settings = {
    TYPE: 's3',
    PROVIDER: 'Ceph',
    ENDPOINT: endpoint.url,
    REGION: endpoint.region,
    ACCESS_KEY_ID: accessKeyId,
    SECRET_ACCESS_KEY: secretAccessKey,
  }
  const named = Object.entries(settings).map(([name, value]) => [`RCLONE_CONFIG_PLACE_${name}`, value])
  return () =>
    used(['rclone', 'copy', `place:${bucket}/shop`, folder, '--transfers', '48', '--config', '/dev/null'], {
      AWS_CA_BUNDLE: undefined,
      ...Object.fromEntries(named),
    })
}

/** The same backup and the same copy, made anew each time or on top of what is there. */
const compare =
  ({ again }) =>
  ({ records, times }) => {
    if (!isInstalled('rclone')) return { skipped: 'rclone is not installed' }
    return inFolder((folder) =>
      onS3(async (place) => {
        const database = await openS3Database(place, 'shop')
        const users = await makeUsers(database)
        await putUsers(database, users, records)
        let made = 0
        const nameOf = (kind) => join(folder, again ? kind : `${kind}-${made++}`)
        const env = { S3DB_CONNECTION: connectionTo(place, 'shop') }
        const type = again ? 'incremental' : 'full'
        const own = () => ours(['backup', type, '--path', nameOf('backups')], env)
        const theirs = () => rcloneTo(place, nameOf('copy'))()
        await own()
        await theirs()
        const measured = await withProcessorTime(times, 'wall', own, theirs)
        return { ...measured, note: `${place.endpoint.server}, ${measured.note}` }
      }),
    )
  }

export const rows = [
  {
    what: 'full backup of 4,000 records on S3 to disk, by the command',
    against: '`rclone copy` of the objects, 48 at once, which keeps no metadata and so no records',
    reach: 'at most 0.33',
    unit: 'ms',
    sizes,
    run: compare({ again: false }),
  },
  {
    what: 'incremental backup of the same without changes, by the command, S3 to disk',
    against: '`rclone copy` once more',
    reach: 'at most 0.2',
    unit: 'ms',
    sizes,
    run: compare({ again: true }),
  },
]
