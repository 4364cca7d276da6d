import type { Row } from '@s3db-backup/core'
import { writing } from './actions.js'
import { own, typeOf } from './attributes.js'
import { encodeBase62 } from './base62.js'
import type { StoredFormDefinition } from './form.js'
import { type Kind, kindOf } from './kinds.js'
import { metadataKey } from './stored-object.js'
import { type Transform, unreadable } from './transform.js'

/** What metadata holds once the client has written and read it. */
export type MutableMetadata = Record<string, string | null | undefined>

/** How one attribute, or a field inside it, becomes a metadata entry. */
interface Writer {
  readonly path: string
  readonly key: string
  readonly hook: Transform | undefined
  readonly kind: Kind | undefined
  readonly isNumber: boolean
  /** Writers of the fields inside it, made when they are first met. */
  readonly inner: Map<string, Writer>
}

/** How many fields inside one attribute are remembered; more are written as well, only slower. */
const rememberedFields = 1000

/** Text that UTF-8 cannot carry, and the client therefore not either. */
const loneSurrogate = /\p{Surrogate}/u

export type Encoder = (row: Row, version: string) => MutableMetadata | undefined

/** An encoder for the form's attributes. It gives undefined for rows that the stored form cannot hold. */
export function encoder(form: StoredFormDefinition): Encoder {
  const writers = new Map<string, Writer>()

  return (row, version) => {
    const metadata: MutableMetadata = { _v: version }
    for (const name in row) {
      if (name === 'id' || (isInternal(name) && !Object.hasOwn(form.attributes, name))) continue
      if (!write(metadata, remembered(writers, name, name, form), row[name], form)) return undefined
    }
    return metadata
  }
}

function isInternal(name: string): boolean {
  return name.startsWith('_') || name.startsWith('$')
}

function remembered(
  writers: Map<string, Writer>,
  name: string,
  path: string,
  form: StoredFormDefinition,
): Writer {
  const known = writers.get(name)
  if (known !== undefined) return known
  const made = writer(path, form)
  if (writers.size < rememberedFields) writers.set(name, made)
  return made
}

function writer(path: string, form: StoredFormDefinition): Writer {
  const type = typeOf(path, form) ?? ''
  const hooks = own(form.hooks.beforeMap, path)
  return {
    path,
    key: metadataKey(own(form.pluginMap, path) ?? own(form.map, path) ?? path),
    hook: hooks === undefined ? undefined : (writing(hooks, form.separator) ?? (() => unreadable)),
    kind: kindOf(type),
    isNumber: type.includes('number'),
    inner: new Map(),
  }
}

/** False if the value, or one inside it, has no stored form. */
function write(
  metadata: MutableMetadata,
  writer: Writer,
  original: unknown,
  form: StoredFormDefinition,
): boolean {
  const value = writer.hook === undefined || original === undefined ? original : writer.hook(original)
  if (value === unreadable) return false
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const fields = Object.entries(value)
    for (const [name, field] of fields) {
      if (!write(metadata, remembered(writer.inner, name, `${writer.path}.${name}`, form), field, form))
        return false
    }
    if (fields.length > 0) return true
  }
  const text = textOf(writer, value)
  if (text === unreadable) return false
  metadata[writer.key] = text
  return true
}

/** A value as the client gives it back: everything is text, except for the words for null and undefined. */
function textOf(writer: Writer, value: unknown): string | null | undefined | typeof unreadable {
  if (value === null || value === undefined) return value
  const text = plainText(writer, value)
  if (typeof text !== 'string' || loneSurrogate.test(text)) return unreadable
  if (text === 'null') return null
  return text === 'undefined' ? undefined : text
}

function plainText(writer: Writer, value: unknown): unknown {
  if (writer.kind !== undefined) {
    if (typeof value !== 'string') return unreadable
    return value === '' ? value : writer.kind.write(value)
  }
  if (typeof value === 'string') return value === '[object Object]' ? '{}' : value
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'number' && writer.isNumber) return encodeBase62(value)
  return String(value)
}
