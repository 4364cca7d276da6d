import type { JsonValue } from '../json.js'
import type { Row } from './source.js'

/**
 * Selects records. `label` identifies the filter: backups with different filters belong to different sets. It is in the
 * manifest as `selection.filter`, for readers of the backup; in an encrypted backup it is encrypted.
 */
export interface RowFilter {
  readonly label: JsonValue
  keep(row: Row, resource: string): boolean
}
