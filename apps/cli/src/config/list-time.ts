import { parseMoment } from '@s3db-backup/plugin-adapter'

/** The value of `list --since` and `--until`: `26 hours ago` becomes a time; `listBackups()` checks any other form. */
export function listTime(given: string): string {
  return /\bago\s*$/i.test(given) ? parseMoment(given, 'list').toISOString() : given
}
