import {
  type Call,
  type Driver,
  isBackupError,
  type ListCall,
  type ObjectInfo,
  type PutCall,
} from '@s3db-backup/core'
import { directoryOf, isOfNoBackup, parseBackupId, renderFolder } from '@s3db-backup/core/internal'

/**
 * A driver whose backups lie in folders made from a template, for those who see them without folders: several
 * destinations of one backup may each have a template of their own.
 *
 * The folder follows from the backup's id, which holds its type and start. Backups that were written with
 * another template are found by listing everything, once each, and what is added to them later is written beside them.
 */
export function inFolders(driver: Driver, folder: string): Driver {
  if (folder === '') return driver
  const places = backupPlaces(driver, folder)

  const placeOf = async (key: string, call: Call): Promise<string | undefined> => {
    const { id, rest } = split(key)
    const directory = places.known(id) ?? (await places.find(id, call))
    return directory === undefined ? undefined : directory + rest
  }

  const placeToWrite = async (key: string, call: PutCall): Promise<string> => {
    if (call.kind === 'lease' || call.kind === 'report') return key
    const { id, rest } = split(key)
    const lies = places.known(id) ?? (call.begins ? undefined : await places.find(id, call))
    return (lies ?? places.begin(id)) + rest
  }

  return {
    ...driver,
    put: async (key, body, call) => driver.put(await placeToWrite(key, call), body, call),
    async *get(key, call) {
      if (call.kind === 'lease' || call.kind === 'report') return yield* driver.get(key, call)
      const { id, rest } = split(key)
      const likely = (places.known(id) ?? folderPlace(folder, id)) + rest
      try {
        yield* driver.get(likely, call)
      } catch (error) {
        const place = isBackupError(error, 'not_found') ? await placeOf(key, call) : undefined
        if (place === undefined || place === likely) throw error
        yield* driver.get(place, call)
      }
    },
    async *list(prefix, call) {
      // A listing does not say what kind of object it is for, as a write does. Objects of no backup are at the top.
      if (isOfNoBackup(prefix)) yield* driver.list(prefix, call)
      else if (prefix.includes('/')) yield* listBackup(prefix, call)
      else yield* listAll(prefix, call)
    },
    async delete(key, call) {
      const place = isOfNoBackup(key) ? key : await placeOf(key, call)
      // An object without a place is already gone.
      if (place !== undefined) await driver.delete(place, call)
    },
  }

  async function* listBackup(prefix: string, call: ListCall): AsyncGenerator<ObjectInfo> {
    const place = await placeOf(prefix, call)
    if (place === undefined) return
    const above = place.length - prefix.length
    for await (const info of driver.list(place, call)) yield { ...info, key: info.key.slice(above) }
  }

  async function* listAll(prefix: string, call: ListCall): AsyncGenerator<ObjectInfo> {
    for await (const info of driver.list('', call)) {
      places.see(info.key)
      const key = withoutFolder(info.key)
      if (key.startsWith(prefix)) yield { ...info, key }
    }
  }
}

/** The place of a key without folders: the folder that the template gives for its backup, and the key. */
export function placeIn(folder: string, key: string): string {
  if (folder === '' || isOfNoBackup(key)) return key
  const { id, rest } = split(key)
  return folderPlace(folder, id) + rest
}

/** Ids whose directory is remembered. Some 200 bytes each. */
const mostRemembered = 100_000

/** Finds the directory of the backup with an id, and remembers it: a backup stays where it was started. */
function backupPlaces(driver: Driver, folder: string) {
  const directories = new Map<string, string>()
  const remember = (id: string, directory: string): string => {
    if (directories.size >= mostRemembered) directories.clear()
    directories.set(id, directory)
    return directory
  }
  const isEmpty = async (directory: string, call: ListCall): Promise<boolean> => {
    for await (const _ of driver.list(`${directory}/`, call)) return false
    return true
  }
  return {
    known: (id: string): string | undefined => directories.get(id),
    /** A new backup is stored where the template says. */
    begin: (id: string): string => remember(id, folderPlace(folder, id)),
    /** Takes note of a backup that another template has put elsewhere. The others are found without. */
    see(key: string): void {
      const directory = directoryOf(key)
      const { id } = split(withoutFolder(key))
      if (directory === '' || isOfNoBackup(key) || directory === folderPlace(folder, id)) return
      remember(id, directory)
    },
    /** Looks where the template says, and everywhere only if nothing is there. A new backup is nowhere yet. */
    async find(id: string, call: ListCall): Promise<string | undefined> {
      const expected = folderPlace(folder, id)
      if (!(await isEmpty(expected, call))) return remember(id, expected)
      if (call.begins) return undefined
      for await (const { key } of driver.list('', call))
        if (split(withoutFolder(key)).id === id) return remember(id, directoryOf(key))
      return undefined
    },
  }
}

function folderPlace(folder: string, id: string): string {
  const { type, startedAt } = parseBackupId(id) ?? { type: id, startedAt: new Date(0) }
  return `${renderFolder(folder, { id, type, startedAt })}/${id}`
}

/** The backup's id, and what follows it, with the slash. */
function split(key: string): { readonly id: string; readonly rest: string } {
  const end = key.includes('/') ? key.indexOf('/') : key.length
  return { id: key.slice(0, end), rest: key.slice(end) }
}

/** The last two segments: the backup's directory and its file. */
function withoutFolder(key: string): string {
  return key.split('/').slice(-2).join('/')
}
