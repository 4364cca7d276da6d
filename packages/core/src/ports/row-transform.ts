import type { Row } from './source.js'

/**
 * Maps a record on its way into a target: gives the record to write, of the same id, or `null` to leave it out. It is told
 * the resource by its name in the backup. Secrets come as they are stored: keep them or leave them out.
 */
export type RowTransform = (row: Row, resource: string) => Row | null | Promise<Row | null>
