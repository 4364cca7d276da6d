import type { Row, Source } from '@s3db-backup/core'

export function recordOf(i: number): Row
export function syntheticSource(count: number, msPerBatch: number): Source
