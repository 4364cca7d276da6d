import { isOf } from '../chain/series.js'
import { BackupError } from '../errors.js'
import type { Manifest } from '../manifest.js'
import type { RowTransform } from '../ports/row-transform.js'
import type { Batch, Description, Row } from '../ports/source.js'
import { untilAborted } from '../streams/abortable.js'
import { hiddenForms, withHidden } from './hidden-forms.js'

/**
 * The batch with each row as the transform makes it. No raw form stays to be stored: it would bring back what the
 * transform took away. Of a row with nothing but the id, it is handed on to tell whether the transform missed something.
 * An error of a transform ends the restore, so a half-masked database never passes for a masked one.
 */
export async function transformBatch(
  batch: Batch,
  { resource, transform, signal }: Transforming,
): Promise<Batch> {
  const transformed: Row[] = []
  const hidden = hiddenForms(batch, () => true)
  const leftOut = new Set<string>()
  for (const row of batch.rows) {
    const { id } = row
    const made = await untilAborted(() => transformRow(row, resource, transform), signal)
    if (made === null) leftOut.add(id)
    else transformed.push(made)
  }
  const unseen = new Map([...hidden].filter(([id]) => !leftOut.has(id)))
  return withHidden({ rows: transformed }, batch.hidden ?? new Map(), unseen)
}

interface Transforming {
  readonly resource: string
  readonly transform: RowTransform
  readonly signal: AbortSignal
}

async function transformRow(row: Row, resource: string, transform: RowTransform): Promise<Row | null> {
  const { id } = row
  let made: unknown
  try {
    const given: unknown = await transform(row, resource)
    // Through JSON: dates become text, and the module cannot change the row afterwards.
    made = given === undefined ? undefined : JSON.parse(JSON.stringify(given, onlyWhatJsonHolds))
  } catch (cause) {
    if (cause instanceof NotInJson) throw failed(cause.message, { id, resource })
    throw failed('it threw', { id, resource, cause })
  }
  if (made === null) return null
  if (typeof made !== 'object' || Array.isArray(made))
    throw failed('it returned no record; return null to leave one out', { id, resource })
  if (Reflect.get(made as object, 'id') !== id)
    throw failed('it changed the id, which other records may refer to', { id, resource })
  return made as Row
}

/** JSON makes `null` of some values and leaves out others: the record would lose a field, and nobody would know. */
function onlyWhatJsonHolds(field: string, value: unknown): unknown {
  const isLost =
    typeof value === 'number' ? !Number.isFinite(value) : /^(function|symbol)$/.test(typeof value)
  if (isLost)
    throw new NotInJson(
      `it gave the field ${JSON.stringify(field)} ${nameOf(value)}, which no record can hold`,
    )
  return value
}

class NotInJson extends Error {}

function nameOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`
}

function failed(
  why: string,
  { id, resource, cause }: { readonly id: string; readonly resource: string; readonly cause?: unknown },
): BackupError {
  return new BackupError(
    'invalid_options',
    `The transform failed for the record ${JSON.stringify(id)} of ${JSON.stringify(resource)}: ${why}`,
    {
      operation: 'restore',
      suggestion: 'Correct the transform and restore into an empty database.',
      metadata: { resource, id },
      cause,
    },
  )
}

/** Throws for a target that is the database of the backup: its records must not become the masked ones. */
export function refuseSource(
  manifest: Pick<Manifest, 'id' | 'set' | 'selection' | 'database'>,
  target: Pick<Description, 'identity' | 'database'>,
): void {
  if (!isOf(manifest, target)) return
  throw new BackupError(
    'invalid_options',
    `The target is the database that backup '${manifest.id}' was made of, and a transform would change its records`,
    {
      operation: 'restore',
      suggestion: 'Restore into another database, or allow it with intoSource (--into-source).',
      metadata: { backupId: manifest.id },
    },
  )
}
