import type { Row, Target } from '@s3db-backup/core'

export function folderTarget(path: string, msPerBatch: number): Target
export function recordsOf(path: string): Promise<Row[]>
