import * as z from 'zod'
import type { Operation } from './error-table.js'
import { BackupError } from './errors.js'
import { nearest } from './nearest.js'

/** For options that are ports (drivers, sources, codecs): what they can do shows when they are used. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** For options that are called. */
export function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

/**
 * Checks options from outside against a zod schema. Throws one `invalid_options` that lists every problem at
 * once, with the nearest known name for each unknown option. Values are never in the message: they may be
 * secrets.
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  details: {
    readonly what: string
    readonly operation?: Operation | undefined
    readonly driver?: string | undefined
    readonly suggestion?: string | undefined
  },
): z.output<Schema> {
  const refuse = (problems: readonly string[], cause: unknown) =>
    new BackupError('invalid_options', `Invalid ${details.what}: ${problems.join('; ')}`, {
      operation: details.operation ?? 'validateConfig',
      driver: details.driver,
      suggestion: details.suggestion,
      metadata: { problems },
      cause,
    })
  let parsed: z.ZodSafeParseResult<z.output<Schema>>
  try {
    parsed = schema.safeParse(input)
  } catch (error) {
    // Values nested thousands of levels deep overflow the stack.
    throw error instanceof RangeError ? refuse(['something is nested too deeply'], error) : error
  }
  if (parsed.success) return parsed.data
  throw refuse(
    parsed.error.issues.flatMap((issue) => describe(issue, schema)),
    parsed.error,
  )
}

/** How many errors are reported for a value of several possible forms, for the form that it comes closest to. */
const shownOfUnion = 20

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, path)
    return issue.keys.map((key) => `unknown option ${[...path, key].join('.')}${nearest(key, known)}`)
  }
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.filter((branch) =>
      branch.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    )
    const inner = closest
      .flat()
      .slice(0, shownOfUnion)
      .flatMap((nested) =>
        describe({ ...nested, path: [...issue.path, ...nested.path] } as z.core.$ZodIssue, schema),
      )
    if (inner.length > 0) return [...new Set(inner)]
  }
  return [`${path.length === 0 ? 'the value' : path.join('.')}: ${issue.message}`]
}

/** The option names that the schema knows at a path; none where the path does not lead to an object. */
function namesAt(schema: z.ZodType, path: readonly string[]): string[] {
  const here = unwrap(schema)
  const [step, ...rest] = path
  if (here instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(here.shape)
    const next: unknown = here.shape[step]
    return next instanceof z.ZodType ? namesAt(next, rest) : []
  }
  if (here instanceof z.ZodArray && step !== undefined && here.element instanceof z.ZodType)
    return namesAt(here.element, rest)
  if (here instanceof z.ZodUnion)
    return here.options.flatMap((option) => (option instanceof z.ZodType ? namesAt(option, path) : []))
  return []
}

function unwrap(schema: z.ZodType): z.ZodType {
  let here = schema
  while (
    here instanceof z.ZodOptional ||
    here instanceof z.ZodNullable ||
    here instanceof z.ZodDefault ||
    here instanceof z.ZodReadonly ||
    here instanceof z.ZodPipe
  ) {
    // For a transformed schema, the names that callers give are those of its input.
    const inner: unknown = here instanceof z.ZodPipe ? here.in : here.unwrap()
    if (!(inner instanceof z.ZodType)) return here
    here = inner
  }
  return here
}
