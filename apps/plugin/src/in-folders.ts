import {
  type Call,
  type Driver,
  directoryOf,
  isBackupError,
  isOfNoBackup,
  renderFolder,
} from '@s3db-backup/core'

/** Ids that we make: the type, the start in UTC, and a random ending. */
const idPattern = /^(.+)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-[a-z0-9]{6}$/

/**
 * A driver whose backups lie in folders made from a template, for those who see them without folders: several
 * destinations of one backup may each have a template of their own.
 *
 * The folder follows from the backup's id, which holds its type and start. Backups that were written with
 * another template are found by listing, and what is added to them later is written beside them.
 */
export function inFolders(driver: Driver, folder: string): Driver {
  if (folder === '') return driver
  const place = (key: string): string => placeIn(folder, key)

  /** Where backups lie that were begun or looked for, by id. */
  const places = new Map<string, string>()

  const placeToWrite = async (key: string, call: Call): Promise<string> => {
    const [id = '', file] = key.split('/')
    if (isOfNoBackup(key)) return key
    const known = places.get(id) ?? (file === begun ? undefined : await lyingIn(id, call))
    const directory = known ?? place(id)
    places.set(id, directory)
    return `${directory}/${file}`
  }

  const lyingIn = async (id: string, call: Call): Promise<string | undefined> => {
    const key = await first((short) => short.startsWith(`${id}/`), call)
    return key === undefined ? undefined : directoryOf(key)
  }

  const find = (key: string, call: Call) => first((short) => short === key, call)

  const first = async (isWanted: (short: string) => boolean, call: Call): Promise<string | undefined> => {
    for await (const { key } of driver.list('', call)) if (isWanted(withoutFolder(key))) return key
    return undefined
  }

  return {
    ...driver,
    put: async (key, body, call) => driver.put(await placeToWrite(key, call), body, call),
    async *get(key, call) {
      try {
        yield* driver.get(place(key), call)
      } catch (error) {
        const elsewhere = isBackupError(error, 'not_found') ? await find(key, call) : undefined
        if (elsewhere === undefined) throw error
        yield* driver.get(elsewhere, call)
      }
    },
    async *list(prefix, call) {
      for await (const info of driver.list('', call)) {
        const key = withoutFolder(info.key)
        if (key.startsWith(prefix)) yield { ...info, key }
      }
    },
    async delete(key, call) {
      await driver.delete((await find(key, call)) ?? place(key), call)
    },
  }
}

/** The first file of each backup. */
const begun = 'started.json'

/** Where a key without folders lies: the folder that the template gives for its backup, and the key. */
export function placeIn(folder: string, key: string): string {
  const [id = key] = key.split('/', 1)
  return folder === '' || isOfNoBackup(key) ? key : `${folderOf(id, folder)}/${key}`
}

function folderOf(id: string, folder: string): string {
  const match = idPattern.exec(id)
  const [, type = id, day, hours, minutes, seconds] = match ?? []
  const startedAt = match === null ? new Date(0) : new Date(`${day}T${hours}:${minutes}:${seconds}Z`)
  return renderFolder(folder, { id, type, startedAt })
}

/** The last two segments: the backup's directory and its file. */
function withoutFolder(key: string): string {
  return key.split('/').slice(-2).join('/')
}
