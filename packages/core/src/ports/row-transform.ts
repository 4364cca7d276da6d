import type { Row } from './source.js'

/**
 * Maps a record on its way into a target: returns the record to write, with the same id, or `null` to leave it out. It
 * gets the resource by its name in the backup. Secrets are passed as stored: keep them or leave them out.
 */
export type RowTransform = (row: Row, resource: string) => Row | null | Promise<Row | null>
