import { expect, it } from 'vitest'
import { fieldTables, whatIsNotSo } from '../../../tooling/test/field-tables.ts'
import {
  entrySchema,
  lostSchema,
  lostWithoutIdSchema,
  manifestSchema,
  partSchema,
} from '../src/format/manifest/manifest-schema.js'
import type { Manifest, Part, ResourceEntry } from '../src/manifest.js'
import { aManifest, aPart, aResource } from './manifests.js'

// The field tables of the format document match the schema: which fields exist, which values they accept and refuse,
// and which may be absent.

const tables = fieldTables()
const manifest = (value: object) => manifestSchema.safeParse(value).success
const inManifest = (field: keyof Manifest) => (value: object) => manifest({ ...aManifest(), [field]: value })
const entry = (value: object) => {
  const { name } = value as ResourceEntry
  return manifest({ ...aManifest(), resources: { [String(name)]: value } })
}
const inEntry = (field: string) => (value: object) => entry({ ...aResource('users'), [field]: value })
const oneInEntry = (field: string) => (value: object) => entry({ ...aResource('users'), [field]: [value] })
const part = (value: object) => manifest({ ...aManifest(), parts: [value as Part] })

const time = '2024-03-15T14:30:45.000Z'
const hash = '0'.repeat(64)
const counts = { missing: 0, asked: 0, gone: 0, found: 0, kept: 0, listings: 0, requests: 0 }
const namesOf = (schema: { readonly shape: object }) => Object.keys(schema.shape)

it.each([
  ['manifest', namesOf(manifestSchema), aManifest(), manifest],
  ['window', ['from', 'to'], { from: time, to: time }, inManifest('window')],
  ['writer', ['name', 'version'], { name: 'x', version: '1' }, inManifest('writer')],
  [
    'selection',
    namesOf(manifestSchema.shape.selection.unwrap()),
    { resources: null, exclude: [], filter: null },
    inManifest('selection'),
  ],
  [
    'losses',
    namesOf(manifestSchema.shape.losses.unwrap()),
    { count: 1, added: 1, before: null },
    inManifest('losses'),
  ],
  [
    'encryption',
    ['algorithm', 'keyFile'],
    { algorithm: 'AES-256-GCM', keyFile: 'keys.json' },
    inManifest('encryption'),
  ],
  ['entry', namesOf(entrySchema), aResource('users'), entry],
  ['state', namesOf(entrySchema.shape.state), { before: hash, after: hash }, inEntry('state')],
  ['lost', namesOf(lostSchema), { id: 'a', reason: 'x' }, oneInEntry('lost')],
  ['lostWithoutId', namesOf(lostWithoutIdSchema), { reason: 'x', count: 1 }, oneInEntry('lostWithoutId')],
  ['secondLook', namesOf(entrySchema.shape.secondLook.unwrap()), counts, inEntry('secondLook')],
  ['part', namesOf(partSchema), aPart('users.jsonl'), part],
] as const)('the document has every field of %s as the schema has it', (name, names, valid, reads) => {
  expect(whatIsNotSo(tables.get(name) ?? [], { names, valid, reads })).toEqual([])
})
