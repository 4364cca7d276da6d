import type { Row } from '@s3db-backup/core'
import type { Resource } from '../client/database.js'
import { isStoredSecret } from '../stored-form/encrypted.js'
import type { StoredForm, StoredObject } from '../stored-form/index.js'
import { valueAt } from '../stored-form/value-at.js'

/** The keys of a record's references in partitions. */
export interface References {
  readonly keys: readonly string[]
  /** Partitions by a secret that the passphrase of the database does not open: its references are unknown. */
  readonly closed: readonly string[]
}

export const noReferences: References = { keys: [], closed: [] }

/**
 * The references of a record, of the values that s3db.js makes them of. A row hides two of them from its reader: a secret
 * is ciphertext in it, and the version of the record, which `versioningEnabled` makes a partition of, is not in it.
 *
 * s3db.js resolves `..` in the keys, so that a value can lead out of the partition, and with `file://` out of the
 * database. Such a reference answers no query; it is left out, and nothing is written or deleted there.
 */
export async function recordReferences(
  resource: Resource,
  form: StoredForm,
  object: StoredObject,
  row: Row,
): Promise<References> {
  const keys: string[] = []
  const closed: string[] = []
  const open = opener(resource)
  for (const [partitionName, partition] of Object.entries(resource.config.partitions ?? {})) {
    const secrets = fieldsOf(partition).flatMap((path) => {
      const stored = form.secretPaths.includes(path) ? valueAt(row, path) : undefined
      return isStoredSecret(stored) ? [{ path, stored }] : []
    })
    let data: Row = { ...row, _v: object.metadata._v }
    let opened = 0
    for (const { path, stored } of secrets) {
      const value = await open(path, stored)
      if (value === stored) break
      data = { ...data, ...withValue(data, path.split('.'), value) }
      opened += 1
    }
    if (opened < secrets.length) {
      closed.push(partitionName)
      continue
    }
    const key = resource.getPartitionKey({ partitionName, id: row.id, data })
    if (key?.startsWith(`resource=${resource.name}/partition=${partitionName}/`) === true) keys.push(key)
  }
  return { keys, closed }
}

function fieldsOf(partition: unknown): string[] {
  const fields: unknown = partition instanceof Object ? Reflect.get(partition, 'fields') : undefined
  return fields instanceof Object ? Object.keys(fields) : []
}

/**
 * Reads a secret as s3db.js does with the passphrase of the database; it stays as it is stored if that is not the right
 * one. Each is read once: s3db.js takes a tenth of a second to make a key of a passphrase.
 */
function opener({ schema }: Resource): (path: string, stored: string) => Promise<unknown> {
  const read = async (path: string, stored: string) => {
    const key = Object.hasOwn(schema.map, path) ? schema.map[path] : undefined
    if (key === undefined || schema.unmapper === undefined) return stored
    return valueAt(await schema.unmapper({ [key]: stored }), path)
  }
  const known = new Map<string, Promise<unknown>>()
  return (path, stored) => {
    const reading = known.get(path) ?? read(path, stored)
    known.set(path, reading)
    return reading
  }
}

/** A copy with another value at a path. */
function withValue(fields: object, [step = '', ...deeper]: readonly string[], value: unknown): object {
  const inner: unknown = Reflect.get(fields, step)
  const there = deeper.length === 0 ? value : withValue(inner instanceof Object ? inner : {}, deeper, value)
  return { ...fields, [step]: there }
}
