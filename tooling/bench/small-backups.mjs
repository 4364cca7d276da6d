import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inFolder } from './file-database.mjs'
import { core, filesystem, OwnBackupPlugin, s3 } from './products.mjs'
import { rowsOf } from './records.mjs'
import { each, onS3, plainGets } from './s3.mjs'

/** Of a small database: two resources, 20 records each. */
const source = () =>
  core.records({ users: { records: [...rowsOf(20)] }, orders: { records: [...rowsOf(20)] } })

/**
 * Makes so many small backups, on disk or on S3, and works on them: `open` gives the plugin as the command has it, `read`
 * reads an object with nothing else, `keys` are all that there are, the oldest backup's first.
 */
export const withSmallBackups = { disk: onDisk, s3: onServer, far: farAway }

function onDisk(count, work) {
  return inFolder(async (path) => {
    const driver = filesystem({ path })
    const keys = await fillWithSmallBackups(driver, count)
    const read = (key) => readFile(join(path, key))
    return work({ keys, driver, read, note: undefined, open: (more) => plugin('filesystem', { path }, more) })
  })
}

/** How long every request takes on a server that is far away, in ms. */
export const delay = 15

/** On the small server: only that can be told to wait. */
function farAway(count, work) {
  let wait = 0
  const later = async (there) => {
    wait = delay
    const measured = await work(there)
    wait = 0
    return measured
  }
  return onServer(count, later, [{}, { delay: () => wait }])
}

function onServer(count, work, where = []) {
  return onS3(
    async (place) => {
      const { bucket, endpoint } = place
      const { url, region, credentials, server } = endpoint
      const config = { bucket, endpoint: url, region, credentials, prefix: 'backups' }
      const driver = s3(config)
      const keys = await fillWithSmallBackups(driver, count)
      const { get, close } = plainGets(place, 'backups')
      try {
        return await work({
          keys,
          driver,
          read: get,
          note: server,
          open: (more) => plugin('s3', config, more),
        })
      } finally {
        await close()
      }
    },
    ...where,
  )
}

const plugin = (driver, config, more) => new OwnBackupPlugin({ driver, config, ...more })

/** Their ids tell when they were made, so the last ones are made last. */
export async function fillWithSmallBackups(driver, count) {
  const made = []
  await each(count, 8, async (turn) => {
    const { id, manifest } = await core.backup({ source: source(), driver, verify: false })
    made[turn] = ['s3db.json', ...manifest.parts.map(({ file }) => file)].map((file) => `${id}/${file}`)
  })
  return made
}
