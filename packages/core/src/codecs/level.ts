import { BackupError } from '../errors.js'

/** Throws `invalid_options` unless the level is a whole number that the compression has. */
export function checkLevel(codec: string, level: number, lowest: number, highest: number): number {
  if (Number.isInteger(level) && level >= lowest && level <= highest) return level
  throw new BackupError('invalid_options', `Invalid ${codec} level: ${level}`, {
    operation: 'validateConfig',
    suggestion: `Use a whole number from ${lowest} to ${highest}.`,
    metadata: { codec, level },
  })
}
