import fc from 'fast-check'

/** A place in a JSON value: the names and numbers that lead there. */
type Path = readonly (string | number)[]

type Edit = (root: unknown) => unknown

/**
 * Values that a writer of ours never writes. Some cannot be made by `JSON.stringify`; they stand as marked texts and
 * are put in when the JSON is written.
 */
const marked = (text: string): string => `\u0001raw:${Buffer.from(text).toString('hex')}\u0001`
const deep = 20_000
const odd: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    0.5,
    2 ** 31,
    2 ** 53,
    -(2 ** 53),
    1e308,
    '',
    ' ',
    '\0',
    '\ufeff',
    '\ud800',
  ],
  ...['..', '../../x', '/etc/passwd', 'a/b', 'CON', 'a\\b', '__proto__', 'constructor', '9'.repeat(400)],
  ...['s3db-backup/2', '2024-13-45T99:99:99Z', 'x'.repeat(70_000), 'e\u0301'.normalize('NFC'), [], {}, [[]]],
  ...[
    '1e400',
    '-1e400',
    '-0',
    '1e-400',
    '123456789012345678901234567890',
    '{"__proto__":{"polluted":1}}',
  ].map(marked),
  marked(`${'['.repeat(deep)}${']'.repeat(deep)}`),
  marked(`${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`),
  marked('{"a":1,"a":2}'),
]
const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '..',
  'then',
  'length',
  'file',
  'id',
]

const oddValue = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...odd) }, fc.jsonValue({ maxDepth: 2 }))

function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above]
  return [above, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...above, name]))]
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce((value, name) => entriesOf(value).get(String(name)), root)
}

function entriesOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

/** The same value with something else at a place; nothing in the place of `undefined`. */
function withAt(root: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return change(root)
  const entries = [...entriesOf(root)].flatMap(([name, inner]) => {
    if (name !== String(step)) return [[name, inner] as const]
    const changed = withAt(inner, rest, change)
    return changed === undefined ? [] : [[name, changed] as const]
  })
  return Array.isArray(root) ? entries.map(([, inner]) => inner) : ownFields(entries)
}

/** Also of a field called `__proto__`. */
function ownFields(entries: readonly (readonly [string, unknown])[]): unknown {
  const fields = {}
  for (const [name, value] of entries)
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true })
  return fields
}

const somewhere = fc.nat()
const pick = (root: unknown, chance: number): Path => {
  const paths = pathsOf(root)
  return paths[chance % paths.length] ?? []
}

const setTo = fc.tuple(somewhere, oddValue).map(
  ([where, value]): Edit =>
    (root) =>
      withAt(root, pick(root, where), () => value),
)
const drop = somewhere.map(
  (where): Edit =>
    (root) =>
      withAt(root, pick(root, where), () => undefined) ?? null,
)
const wrap = fc.tuple(somewhere, fc.boolean()).map(
  ([where, list]): Edit =>
    (root) =>
      withAt(root, pick(root, where), (value) => (list ? [value] : { value })),
)
const copy = fc.tuple(somewhere, somewhere).map(
  ([from, to]): Edit =>
    (root) =>
      withAt(root, pick(root, to), () => valueAt(root, pick(root, from))),
)
const add = fc.tuple(somewhere, fc.constantFrom(...oddNames), oddValue).map(
  ([where, name, value]): Edit =>
    (root) =>
      withAt(root, pick(root, where), (there) => {
        if (Array.isArray(there)) return [...there, value]
        return typeof there === 'object' && there !== null
          ? ownFields([...Object.entries(there), [name, value]])
          : value
      }),
)
const rename = fc.tuple(somewhere, fc.constantFrom(...oddNames)).map(
  ([where, name]): Edit =>
    (root) =>
      withAt(root, pick(root, where), (there) => {
        if (typeof there !== 'object' || there === null || Array.isArray(there)) return there
        const [first, ...rest] = Object.entries(there)
        return first === undefined ? there : ownFields([...rest, [name, first[1]]])
      }),
)
const twice = somewhere.map(
  (where): Edit =>
    (root) =>
      withAt(root, pick(root, where), (there) => (Array.isArray(there) ? [...there, ...there] : there)),
)

/** One to three changes of what a JSON text says; the result is JSON again, as text. */
export function jsonMutation(): fc.Arbitrary<(json: unknown) => string> {
  const edit = fc.oneof(
    { weight: 4, arbitrary: setTo },
    { weight: 2, arbitrary: drop },
    wrap,
    copy,
    add,
    rename,
    twice,
  )
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) => (json) => written(edits.reduce((changed, one) => one(changed), json)))
}

function written(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'null'
  return text.replaceAll(/"\\u0001raw:([0-9a-f]*)\\u0001"/g, (_, hex: string) =>
    Buffer.from(hex, 'hex').toString(),
  )
}
