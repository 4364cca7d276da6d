import fc from 'fast-check'
import {
  type ForgedBackup,
  type ForgedResource,
  type ForgedState,
  hashOf,
  honestChain,
  stateOf,
} from './forge.js'

// Valid chains of backups, and what a forger or a careless writer makes of them.

const ids = ['a', 'b', 'é', '\uffff', '😀']
const id = fc.constantFrom(...ids)
const record = fc.record({ value: fc.nat(2), raw: fc.option(fc.nat(2), { nil: undefined }) })
const state: fc.Arbitrary<ForgedState> = fc.dictionary(id, record, { noNullPrototype: true })
const states = fc.array(
  fc.record({ users: state, orders: state }, { requiredKeys: ['users'], noNullPrototype: true }),
  { minLength: 1, maxLength: 3 },
)

/** One lie: where it is told, and what is told. */
type Lie = (backups: ForgedBackup[]) => void

const kind = fc.constantFrom('rows' as const, 'raw' as const, 'index' as const, 'deleted' as const)

/** A line that a part of this kind may hold, about any record. */
const lineFor = (holds: string, about: string, number: number): string => {
  if (holds === 'index')
    return JSON.stringify([about, 0, hashOf(JSON.stringify({ id: about, value: number }))])
  if (holds === 'raw') return JSON.stringify({ id: about, raw: number })
  return JSON.stringify(holds === 'rows' ? { id: about, value: number } : { id: about })
}

const place = fc.record({ backup: fc.nat(2), resource: fc.constantFrom('users', 'orders'), at: fc.nat(4) })

function resourceAt(backups: ForgedBackup[], { backup, resource }: { backup: number; resource: string }) {
  return backups[backup % backups.length]?.resources[resource]
}

const lineLie: fc.Arbitrary<Lie> = fc
  .record({
    place,
    kind,
    id,
    number: fc.nat(2),
    how: fc.constantFrom('drop', 'twice', 'swap', 'insert', 'append', 'replace', 'sorted', 'odd'),
    odd: fc.constantFrom(
      '{}',
      '[]',
      '7',
      'null',
      '["a"]',
      '{"id":7}',
      '{"id":"a"}',
      '["a","x","y"]',
      'x',
      '',
    ),
  })
  .map(({ place, kind, id, number, how, odd }) => (backups) => {
    const lines = resourceAt(backups, place)?.[kind]
    if (lines === undefined) return
    const at = lines.length === 0 ? 0 : place.at % lines.length
    const line = lineFor(kind, id, number)
    if (how === 'drop') lines.splice(at, 1)
    else if (how === 'twice' && lines.length > 0) lines.splice(at, 0, lines[at] as string)
    else if (how === 'swap' && lines.length > 1) {
      const [taken] = lines.splice(at, 1)
      lines.splice((at + 1) % (lines.length + 1), 0, taken as string)
    } else if (how === 'insert') lines.splice(at, 0, line)
    else if (how === 'append') lines.push(line)
    else if (how === 'odd') lines.splice(at, 0, odd)
    else if (how === 'replace' && lines.length > 0) lines[at] = line
    else if (how === 'sorted') {
      const all = [...lines.filter((one) => !one.includes(JSON.stringify(id))), line]
      const idIn = (one: string) => String(kind === 'index' ? JSON.parse(one)[0] : JSON.parse(one).id)
      try {
        all.sort((x, y) => Buffer.compare(Buffer.from(idIn(x)), Buffer.from(idIn(y))))
        lines.splice(0, lines.length, ...all)
      } catch {
        // The list already contains something odd.
      }
    }
  })

const entryLie: fc.Arbitrary<Lie> = fc
  .record({
    place,
    change: fc.oneof(
      ...(['recordCount', 'totalCount', 'replacedCount', 'deletedCount', 'bytesWritten'] as const).map(
        (field) => fc.nat(3).map((value) => ({ [field]: value })),
      ),
      fc.record({ whole: fc.boolean() }),
      fc.record({ ordered: fc.boolean() }),
      fc.record({ contentHash: fc.constantFrom('lines', 'mine', undefined) }),
      fc.record({ exportFile: fc.constantFrom('users.rows.jsonl', 'extra.0.jsonl') }),
      fc.record({ shape: fc.constantFrom('x', undefined) }),
      fc.record({ lost: fc.constant([{ id: 'z', reason: 'unreadable' }]) }),
      fc.record({ before: fc.nat(3), after: fc.nat(3) }).map(({ before, after }) => ({
        state: { before: String(before).repeat(64), after: String(after).repeat(64) },
      })),
    ),
  })
  .map(({ place, change }) => (backups) => {
    const resource = resourceAt(backups, place)
    if (resource !== undefined) Object.assign(resource.entry, change)
  })

const stateLie: fc.Arbitrary<Lie> = fc
  .record({
    place,
    which: fc.constantFrom('before' as const, 'after' as const),
    to: fc.constantFrom('zeros', 'swap'),
  })
  .map(({ place, which, to }) => (backups) => {
    const entry = resourceAt(backups, place)?.entry
    const states = entry?.state
    if (entry === undefined || states === undefined) return
    const other = to === 'zeros' ? '0'.repeat(64) : states[which === 'before' ? 'after' : 'before']
    Object.assign(entry, { state: { ...states, [which]: other } })
  })

const manifestLie: fc.Arbitrary<Lie> = fc
  .record({
    backup: fc.nat(2),
    change: fc.oneof(
      fc.record({ parent: fc.constantFrom(null, 'b0', 'b1', 'b2', 'gone') }),
      fc.record({ set: fc.constantFrom('aaaaaaaaaaaaaaaa', 'another') }),
      fc.record({ status: fc.constantFrom('completed' as const, 'incomplete' as const) }),
    ),
  })
  .map(({ backup, change }) => (backups) => {
    const one = backups[backup % backups.length]
    if (one !== undefined) Object.assign(one.manifest, change)
  })

const partLie: fc.Arbitrary<Lie> = fc
  .record({
    backup: fc.nat(2),
    resource: fc.constantFrom('users', 'nobody', ''),
    holds: fc.constantFrom(
      ...['rows', 'raw', 'index', 'deleted', 'keys', 'offsets', 'of the future', 'toString'],
    ),
    content: fc.constantFrom('', '{"id":"zz"}\n', 'no json'),
    codecs: fc.constantFrom<string[]>([], ['gzip'], ['of the future']),
  })
  .map(({ backup, ...part }) => (backups) => {
    const parts = backups[backup % backups.length]?.parts
    parts?.push({ file: `extra.${parts.length}.jsonl`, ...part })
  })

const nameLie: fc.Arbitrary<Lie> = fc
  .record({
    backup: fc.nat(2),
    how: fc.constantFrom('both', 'internal', 'internal of nobody', 'dropped', 'internal of users', 'renamed'),
  })
  .map(({ backup, how }) => (backups) => {
    const one = backups[backup % backups.length]
    const orders = one?.resources.orders
    if (one === undefined || orders === undefined) return
    if (how !== 'both') delete one.resources.orders
    if (how === 'dropped') return
    if (how === 'renamed') one.resources.clients = orders
    else if (how === 'internal' || how === 'both') one.internal.orders = with_(orders, { of: null })
    else one.internal.orders = with_(orders, { of: how === 'internal of users' ? 'users' : 'nobody' })
  })

const with_ = (resource: ForgedResource, more: ForgedResource['entry']): ForgedResource => ({
  ...resource,
  entry: { ...resource.entry, ...more },
})

/** What the lines say decides what the entries say: a lie that is told in all its consequences, if that can be. */
const reconcile: Lie = (backups) => {
  const states = new Map<string, Map<string, string>>()
  for (const { resources } of backups)
    for (const [name, { index, deleted, rows, entry }] of Object.entries(resources)) {
      const before = entry.whole === true ? new Map<string, string>() : (states.get(name) ?? new Map())
      const after = new Map(before)
      try {
        for (const line of deleted) after.delete(JSON.parse(line).id)
        for (const line of index) after.set(JSON.parse(line)[0], JSON.parse(line)[2])
        Object.assign(entry, {
          state: { before: stateOf(before), after: stateOf(after) },
          totalCount: after.size,
          replacedCount: rows.filter((line) => before.has(JSON.parse(line).id)).length,
        })
        Reflect.deleteProperty(entry, 'recordCount')
        Reflect.deleteProperty(entry, 'deletedCount')
      } catch {
        // Something is not JSON, so there is nothing to compare.
      }
      states.set(name, after)
    }
}

/** Gives each index entry the hash of its row, as a forger does who changes a record. */
const rehash: Lie = (backups) => {
  for (const { resources } of backups)
    for (const { rows, raw, index } of Object.values(resources))
      for (const [at, line] of index.entries())
        try {
          const [id, modified] = JSON.parse(line)
          const of = (lines: string[]) => lines.find((one) => JSON.parse(one).id === id)
          const row = of(rows)
          if (row !== undefined) index[at] = JSON.stringify([id, modified, hashOf(row, of(raw))])
        } catch {
          // Something is not JSON, so there is nothing to compare.
        }
}

export const lies: fc.Arbitrary<Lie> = fc.oneof(
  { arbitrary: lineLie, weight: 8 },
  { arbitrary: entryLie, weight: 4 },
  { arbitrary: stateLie, weight: 1 },
  { arbitrary: manifestLie, weight: 2 },
  { arbitrary: partLie, weight: 2 },
  { arbitrary: nameLie, weight: 2 },
  { arbitrary: fc.constant(reconcile), weight: 3 },
  { arbitrary: fc.constant(rehash), weight: 2 },
)

/** Backups that may be lied about. */
export const forgedBackups: fc.Arbitrary<ForgedBackup[]> = fc
  .tuple(states, fc.array(lies, { maxLength: 4 }))
  .map(([honest, told]) => {
    const backups = honestChain(honest as readonly Readonly<Record<string, ForgedState>>[])
    for (const lie of told) lie(backups)
    return backups
  })

export type { Lie }
