import { randomBytes } from 'node:crypto'

/**
 * A name for a file that is still being written. It begins with a dot, is recognised by its form alone, and does not
 * contain the final name, which may be as long as the file system allows. `digits` are 24 hexadecimal digits.
 */
export function temporaryName(digits: string = randomBytes(12).toString('hex')): string {
  return `.s3db-backup.${digits}.tmp`
}

/** Whether a file of this name is one that was being written, perhaps by a process that no longer runs. */
export function isTemporary(name: string): boolean {
  return /^\.s3db-backup\.[0-9a-f]{24}\.tmp$/.test(name)
}
