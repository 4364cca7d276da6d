import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { BackupError } from '@s3db-backup/core'
import { fromHome } from '../config/paths.js'

/**
 * The ids in a file, or on stdin for `-`: one a line, as it stands, or as JSON: a text, or an object with an `id`, as
 * `diff --json` prints. Empty lines are passed over.
 *
 * @throws BackupError `not_found` for a file that is not there, `invalid_options` for a line that is not an id, and if there are no ids.
 */
export async function idsFrom(place: string, stdin: NodeJS.ReadableStream): Promise<string[]> {
  const input = place === '-' ? stdin : createReadStream(fromHome(place))
  const ids: string[] = []
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (line !== '') ids.push(idIn(line, `line ${number} of ${place === '-' ? 'stdin' : place}`))
    }
  } catch (cause) {
    throw cause instanceof BackupError ? cause : unreadable(place, cause)
  }
  if (ids.length > 0) return ids
  throw wrong(`${place === '-' ? 'stdin' : place} has no ids`)
}

function idIn(line: string, where: string): string {
  if (!/^["{]/.test(line)) return line
  const value = parsed(line)
  const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : value
  if (typeof id === 'string' && id !== '') return id
  throw wrong(`${where} is neither an id nor JSON with an id`)
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The caller reports it with the line number. JSON's own message may quote a record.
    return undefined
  }
}

function wrong(message: string): BackupError {
  return new BackupError('invalid_options', message, {
    operation: 'restore',
    suggestion: 'Give one id per line; write an id that starts with { or " as a JSON string.',
  })
}

function unreadable(place: string, cause: unknown): BackupError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new BackupError(
    code === 'ENOENT' ? 'not_found' : 'unavailable',
    `Cannot read the ids in ${place} (${code})`,
    {
      operation: 'restore',
      suggestion: 'Give a file with one id per line, or - for stdin.',
      cause,
    },
  )
}
