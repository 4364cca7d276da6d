import { basename, dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Call } from '@s3db-backup/core'
import { clientError } from '../client-errors.js'
import { checkThere } from './check-folder.js'
import type { Entry } from './disk.js'
import { type FileReads, pathOf } from './file-database.js'

/** A folder that is about to be read, and the names that are looked for in it. */
interface Reading {
  readonly wanted: Set<string>
  readonly found: Promise<ReadonlySet<string>>
}

/** Of each operation, known by its signal, the folders that it is about to read. */
const pending = new WeakMap<AbortSignal, Map<string, Reading>>()

/**
 * Whether the folder of an object names its body's file, whatever a look at the file itself says. Throws `unavailable` if
 * the folder of the whole database is gone.
 *
 * A folder of 100,000 records takes a while to read, and a writer who deletes thousands of them makes thousands ask. So one
 * reading answers all questions that an operation has asked before it begins.
 */
export async function isInFolder(reads: FileReads, key: string, call: Call): Promise<boolean> {
  const path = pathOf(reads.database, key)
  const [folder, name] = [dirname(path), basename(path)]
  const folders = pending.get(call.signal) ?? new Map<string, Reading>()
  pending.set(call.signal, folders)
  const reading = folders.get(folder) ?? readSoon(reads, folder, folders, call)
  reading.wanted.add(name)
  return (await reading.found).has(name)
}

function readSoon(reads: FileReads, folder: string, folders: Map<string, Reading>, call: Call): Reading {
  const wanted = new Set<string>()
  const read = async () => {
    await setImmediate()
    // A later call may be about changes made during this read.
    folders.delete(folder)
    try {
      const found = await namedFiles(reads, { folder, wanted }, call)
      if (found === undefined) await checkThere(reads, call)
      return found ?? new Set()
    } catch (error) {
      throw clientError(error, call, `list ${folder}`)
    }
  }
  const reading = { wanted, found: read() }
  folders.set(folder, reading)
  return reading
}

/** Which of the names are files in a folder; `undefined` if there is no such folder. */
export async function namedFiles(
  { files }: Pick<FileReads, 'files'>,
  { folder, wanted }: { readonly folder: string; readonly wanted: ReadonlySet<string> },
  call: Call,
): Promise<Set<string> | undefined> {
  let found: Set<string> | undefined
  for await (const entries of files.entries(folder, call)) {
    found ??= new Set()
    for (const entry of entries) if (wanted.has(entry.name) && isFile(entry)) found.add(entry.name)
  }
  return found
}

/** Links lead to files that s3db.js reads like any other. */
export function isFile(entry: Entry): boolean {
  return entry.isFile() || entry.isSymbolicLink()
}
