import type { Row } from '@s3db-backup/core'
import { isSecret, type SecretsOption } from './attributes.js'
import { type Decoder, decoder } from './compile-decode.js'
import { encoder, type MutableMetadata } from './compile-encode.js'
import type { StoredFormDefinition } from './form.js'
import { ownMap, recordInBody } from './layout.js'
import { type Missing, rekeyed } from './rekey.js'
import { emptyBody, type StoredObject } from './stored-object.js'
import { survivesJson } from './survives-json.js'

/** Options of a {@link storedForm}. */
export interface StoredFormOptions {
  /** `keep` (default) shows secrets as the ciphertext they are stored as, `omit` leaves them out. */
  readonly secrets?: SecretsOption
}

/**
 * Reads and writes the stored records of one resource without the resource: no hooks run, no events fire,
 * nothing is decrypted. None of it throws on odd data.
 */
export interface StoredForm {
  readonly definition: StoredFormDefinition

  /**
   * The record as people read it: `id` first, then the attributes in the order of the map, which is that of their
   * definition. Secrets are ciphertext, exactly as stored, or left out; binary is base64. Undefined when this
   * form cannot read the record; {@link StoredForm.reason} then says why.
   *
   * Records written under an older version of the resource are read with the present map and attributes, as
   * s3db.js itself does: keys are never given to another attribute, and an attribute that no longer exists shows
   * under its key. Only `body-only` records bring the map they were written with; it is used for them.
   */
  decode(object: StoredObject, id: string): Row | undefined

  /** Why {@link StoredForm.decode} gives undefined, in words; undefined if it gives a record. */
  reason(object: StoredObject): string | undefined

  /**
   * The object that the row represents: metadata exactly as the client gives it back, no body. `version` becomes
   * the record's `_v`, such as `v1`; it is not part of the row and must be kept beside it. Undefined if the row
   * holds something that cannot be written exactly.
   */
  encode(row: Row, version: string): StoredObject | undefined

  /**
   * Whether the row, written to JSON and read back, encodes to exactly this object: the same metadata keys and
   * values, no body, the client's default content type. The version is taken from the object's own `_v`, so the
   * caller must see to it that the same one is given to `encode` later. Cheap enough for every record.
   */
  reproduces(object: StoredObject, row: Row): boolean

  /**
   * A stored object of this form under the keys of `target`, whose map may differ: in metadata, in bodies that
   * hold attributes, and in the maps that records bring along. Values are moved, not recoded, so the result is
   * checked: it reads in the target as it did here. Otherwise the paths that are missing, or stored in another way.
   * `_v` and whatever is no attribute stay as they are, and so do bodies that s3db.js does not read as a record.
   */
  rekey(object: StoredObject, target: StoredForm): StoredObject | Missing

  /** Paths of the attributes that are stored encrypted. */
  readonly secretPaths: readonly string[]
}

/** How many different maps that records bring along are kept compiled. */
const rememberedMaps = 20

/** Compiles a definition. Do it once per resource; the result is used for every record. */
export function storedForm(definition: StoredFormDefinition, options: StoredFormOptions = {}): StoredForm {
  const secrets = options.secrets ?? 'keep'
  const current = decoder(definition, secrets)
  const older = new Map<string, Decoder>()
  const write = encoder(definition)

  const decoderFor = ({ _map: map, _pluginmap: pluginMap }: StoredObject['metadata']): Decoder => {
    if (map === undefined && pluginMap === undefined) return current
    const key = JSON.stringify([map, pluginMap])
    const known = older.get(key)
    if (known !== undefined) return known
    const made = decoder(definition, secrets, ownMap(map), ownMap(pluginMap))
    if (older.size < rememberedMaps) older.set(key, made)
    return made
  }

  const read = (object: StoredObject, id: string) => {
    const body = recordInBody(object, definition.behavior, current.isAttribute)
    if (body === undefined) return current.read(object.metadata, id)
    return decoderFor(object.metadata).read({ ...body, ...object.metadata }, id)
  }

  const form: StoredForm = {
    definition,

    decode(object, id) {
      const row = read(object, id)
      return isRow(row) ? row : undefined
    },

    reason(object) {
      const row = read(object, '')
      return isRow(row)
        ? undefined
        : `the attribute '${row.unreadable}' is stored in a form that is not known`
    },

    encode(row, version) {
      const metadata = write(row, version)
      return metadata === undefined ? undefined : { metadata, body: emptyBody, contentType: undefined }
    },

    reproduces(object, row) {
      const version = object.metadata._v
      if (typeof version !== 'string' || object.body.byteLength > 0 || !isDefaultType(object.contentType))
        return false
      if (!survivesJson(row)) return false
      const metadata = write(row, version)
      return metadata !== undefined && isSame(metadata, object.metadata)
    },

    rekey: (object, target) => rekeyed(object, form, target),

    secretPaths: secretPathsOf(definition),
  }
  return form
}

function isRow(result: Row | { readonly unreadable: string }): result is Row {
  return 'id' in result
}

function secretPathsOf(definition: StoredFormDefinition): string[] {
  const paths = [...Object.keys(definition.hooks.beforeMap), ...Object.keys(definition.hooks.afterUnmap)]
  return [...new Set(paths)].filter((path) => isSecret(path, definition))
}

/** Whether this is the type that a client returns for an object stored without one. */
function isDefaultType(contentType: string | undefined): boolean {
  return contentType === undefined || contentType === 'application/octet-stream'
}

function isSame(written: MutableMetadata, stored: StoredObject['metadata']): boolean {
  let count = 0
  for (const key in written) {
    if (written[key] !== stored[key] || !Object.hasOwn(stored, key)) return false
    count++
  }
  return count === Object.keys(stored).length
}
