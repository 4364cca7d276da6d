import type { Row } from '@s3db-backup/core'
import { reading } from './actions.js'
import { splitStrings } from './arrays.js'
import { isSecret, isVisible, own, type SecretsOption, typeOf } from './attributes.js'
import { decodeBase62 } from './base62.js'
import type { StoredFormDefinition } from './form.js'
import { kindOf } from './kinds.js'
import { type Fields, placeDeep } from './place-deep.js'
import { jsonOrText, onText, type Transform, unreadable } from './transform.js'

/** How one stored key becomes a part of the record. */
interface Reader {
  readonly path: string
  /** Its steps, if it lies deeper than the top level. */
  readonly steps: readonly string[] | undefined
  readonly read: Transform
  readonly visible: boolean
  readonly omitted: boolean
}

type Source = Readonly<Record<string, unknown>>
type MutableRow = Fields & { id: string }

/** How many keys outside the map are remembered; more are read as well, only slower. */
const rememberedKeys = 1000

export interface Decoder {
  /** The record in what is stored. A path instead, if what it holds cannot be read. */
  read(source: Source, id: string): Row | { readonly unreadable: string }
  isAttribute(key: string): boolean
}

/** A decoder for records stored under `map` and `pluginMap`, which are the form's own unless a record brings others. */
export function decoder(
  form: StoredFormDefinition,
  secrets: SecretsOption,
  map: Readonly<Record<string, string>> = form.map,
  pluginMap: Readonly<Record<string, string>> = form.pluginMap,
): Decoder {
  const readers = new Map<string, Reader>()
  for (const [path, key] of [...Object.entries(map), ...Object.entries(pluginMap)])
    readers.set(key, reader(path, form, secrets))
  const mapped = [...readers]
  const others = new Map<string, Reader>()

  const otherReader = (key: string): Reader => {
    const known = others.get(key)
    if (known !== undefined) return known
    const made = reader(key, form, secrets)
    if (others.size < rememberedKeys) others.set(key, made)
    return made
  }

  return {
    isAttribute: (key) => readers.has(key),

    read(source, id) {
      const row: MutableRow = { id }
      for (const [key, reader] of mapped) {
        const value = source[key]
        if (value === undefined && !Object.hasOwn(source, key)) continue
        if (!place(row, reader, value)) return { unreadable: reader.path }
      }
      for (const key in source) {
        if (readers.has(key) || key.startsWith('_')) continue
        const reader = otherReader(key)
        if (!place(row, reader, source[key])) return { unreadable: reader.path }
      }
      row.id = id
      return row
    },
  }
}

function reader(path: string, form: StoredFormDefinition, secrets: SecretsOption): Reader {
  const secret = isSecret(path, form)
  return {
    path,
    steps: path.includes('.') ? path.split('.') : undefined,
    read: secret ? (value) => value : transformOf(path, form),
    visible: isVisible(path, form),
    omitted: secret && secrets === 'omit',
  }
}

function transformOf(path: string, form: StoredFormDefinition): Transform {
  const hooks = own(form.hooks.afterUnmap, path)
  if (hooks !== undefined) {
    const after = reading(hooks, form.separator)
    return after === undefined ? () => unreadable : (value) => after(loosely(value))
  }
  const type = typeOf(path, form) ?? ''
  const toArray = type.includes('array') ? splitStrings(form.separator) : undefined
  const kind = kindOf(type)
  if (kind !== undefined)
    return toArray === undefined ? onText(kind.read) : (value) => toArray(onText(kind.read)(value))
  if (toArray !== undefined) return (value) => arrayOf(loosely(value), toArray)
  if (type.includes('number') && !type.includes('decimal')) return integer
  return loosely
}

/** s3db.js takes any text that looks like JSON for JSON, whatever its type. */
function loosely(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const first = value.charCodeAt(0)
  if (first !== 123 && first !== 91) return value
  return value === '[object Object]' ? {} : jsonOrText(value)
}

function arrayOf(value: unknown, toArray: Transform): unknown {
  return typeof value === 'string' && value.trimStart().startsWith('[') ? jsonOrText(value) : toArray(value)
}

const integer: Transform = (value) => {
  if (typeof value === 'string' && value !== '') return decodeBase62(value)
  return typeof value === 'number' ? value : undefined
}

/** False if the value cannot be read, or if its path leads through something that is not an object. */
function place(row: MutableRow, reader: Reader, stored: unknown): boolean {
  if (reader.omitted) return true
  const value = reader.read(stored)
  if (value === unreadable) return false
  if (reader.steps !== undefined) return placeDeep(row, reader.steps, value)
  if (reader.visible) row[reader.path] = loosely(value)
  return true
}
