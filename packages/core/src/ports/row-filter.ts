import type { JsonValue } from '../json.js'
import type { Row } from './source.js'

/**
 * Chooses records. `label` tells one filter from another: backups with other filters are of other sets. It is in the manifest as
 * `selection.filter`, for readers of the backup; in an encrypted one it is encrypted.
 */
export interface RowFilter {
  readonly label: JsonValue
  keep(row: Row, resource: string): boolean
}
