import { BackupError, type JsonValue, type Operation, type Row, type RowFilter } from '@s3db-backup/core'
import { select } from '@s3db-backup/core/internal'
import { valueAt } from '@s3db-backup/s3db/internal'
import * as z from 'zod'

/** Partition name to the values that are wanted of it: `{ byRegion: ['US', 'EU'], byStatus: ['active'] }`. */
export type WantedPartitions = Readonly<Record<string, readonly (string | number | boolean)[]>>

export const wantedPartitionsSchema = z.record(
  z.string(),
  z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
)

const partitionSchema = z.looseObject({ fields: z.record(z.string(), z.string()) })

/** The name of a resource, and its partitions as s3db.js defines them. */
interface Partitioned {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly partitions: Readonly<Record<string, unknown>>
}

/**
 * Keeps the records that are in one of the wanted values of every wanted partition.
 *
 * Records are selected by their own values, not by the listing of a partition: s3db.js lists by a raw prefix, so that
 * `US` also returns `USA`, and its references may lag behind. Throws `invalid_options` for a partition that one of the
 * resources does not have, and for one by values that no row shows: it would keep nothing.
 */
export function partitionFilter(
  wanted: WantedPartitions,
  resources: readonly Partitioned[],
  selection: {
    readonly resources?: readonly string[] | undefined
    readonly exclude?: readonly string[] | undefined
  },
  operation: Operation,
): RowFilter {
  const names = select(
    resources.map(({ name }) => name),
    selection,
  )
  const checks = new Map(
    resources
      .filter(({ name }) => names.includes(name))
      .map((resource) => [resource.name, checksOf(wanted, resource, operation)]),
  )
  const label: JsonValue = Object.entries(wanted)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => [name, values.map(String).sort()])
  return { label, keep: (row, resource) => checks.get(resource)?.every((check) => check(row)) ?? true }
}

const labelSchema = z.array(z.tuple([z.string(), z.array(z.string()).min(1)]))

/**
 * The filter that a label in a manifest tells of, for those resources that have its partitions; nothing if it is no
 * such label.
 */
export function partitionFilterOf(
  label: JsonValue,
  resources: readonly Partitioned[],
  operation: Operation,
): RowFilter | undefined {
  const wanted = labelSchema.safeParse(label).data
  if (wanted === undefined) return undefined
  const having = resources.filter(({ partitions }) =>
    wanted.every(([name]) => Object.hasOwn(partitions, name)),
  )
  return partitionFilter(Object.fromEntries(wanted), having, {}, operation)
}

function checksOf(
  wanted: WantedPartitions,
  { name, attributes, partitions }: Partitioned,
  operation: Operation,
): ((row: Row) => boolean)[] {
  return Object.entries(wanted).map(([partition, values]) => {
    const parsed = partitionSchema.safeParse(
      Object.hasOwn(partitions, partition) ? partitions[partition] : undefined,
    )
    if (!parsed.success) throw noPartition(name, partition, Object.keys(partitions), operation)
    const fields = Object.entries(parsed.data.fields).sort(([a], [b]) => a.localeCompare(b))
    const hidden = fields.find(([field]) => isHidden(field, attributes))
    if (hidden !== undefined) throw notShown(name, partition, hidden[0], operation)
    const accepted = new Set(values.map(String))
    return (row) => {
      const found = fields.map(([field, rule]) => applyRule(valueAt(row, field), rule))
      return (
        found.every((value) => value !== undefined && value !== null) &&
        accepted.has(found.map(String).join('/'))
      )
    }
  })
}

/** A row has a secret as ciphertext, and nothing that s3db.js keeps for itself, such as the version of the record. */
function isHidden(field: string, attributes: Partitioned['attributes']): boolean {
  const definition = valueAt(attributes, field)
  const type = definition instanceof Object ? Reflect.get(definition, 'type') : definition
  return field.startsWith('_') || (typeof type === 'string' && type.startsWith('secret'))
}

/** s3db.js stores a partition's value cut to its `maxlength`, and a date without its time. */
function applyRule(value: unknown, rule: string): unknown {
  const maxLength = /maxlength:(\d+)/.exec(rule)?.[1]
  const cut = typeof value === 'string' && maxLength !== undefined ? value.slice(0, Number(maxLength)) : value
  if (!rule.includes('date') || typeof cut !== 'string') return cut
  const date = new Date(cut)
  return Number.isNaN(date.getTime()) ? cut : date.toISOString().slice(0, 10)
}

function noPartition(
  resource: string,
  partition: string,
  known: readonly string[],
  operation: Operation,
): BackupError {
  return new BackupError('invalid_options', `The resource ${resource} has no partition "${partition}"`, {
    operation,
    suggestion:
      known.length === 0 ? `${resource} has no partitions.` : `Its partitions: ${known.join(', ')}.`,
    metadata: { resource, partition },
  })
}

function notShown(resource: string, partition: string, field: string, operation: Operation): BackupError {
  return new BackupError(
    'invalid_options',
    `Records of ${resource} cannot be chosen by the partition "${partition}": backups do not show the values of "${field}"`,
    {
      operation,
      suggestion: 'Choose by another partition, or by ids.',
      metadata: { resource, partition, field },
    },
  )
}
