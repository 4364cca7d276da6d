import * as z from 'zod'

// The lists and records of a manifest may have millions of entries, all of them invalid. zod would describe every
// problem of each one, which takes a hundred times the memory of the manifest itself. Here checking stops at the
// first invalid entry.

/** A list whose entries fit a schema. */
export function listOf<Entry extends z.ZodType>(
  entry: Entry,
): z.ZodType<z.output<Entry>[], readonly z.input<Entry>[]> {
  return z
    .custom<readonly z.input<Entry>[]>(Array.isArray, 'must be a list')
    .transform((given, context): z.output<Entry>[] => {
      const checked: z.output<Entry>[] = []
      for (const [index, value] of given.entries()) {
        const parsed = entry.safeParse(value)
        if (!parsed.success) return tell(parsed.error, index, context)
        checked.push(parsed.data)
      }
      return checked
    })
}

/** An object whose values fit a schema, whatever their names. */
export function recordOf<Entry extends z.ZodType>(
  entry: Entry,
): z.ZodType<Record<string, z.output<Entry>>, Readonly<Record<string, z.input<Entry>>>> {
  return z
    .custom<Readonly<Record<string, z.input<Entry>>>>(isRecord, 'must be an object')
    .transform((given, context): Record<string, z.output<Entry>> => {
      const checked: Record<string, z.output<Entry>> = {}
      for (const name of Object.keys(given)) {
        const parsed = entry.safeParse(given[name])
        if (!parsed.success) return tell(parsed.error, name, context)
        checked[name] = parsed.data
      }
      return checked
    })
}

function tell(error: z.ZodError, at: string | number, context: z.core.$RefinementCtx): never {
  for (const { message, path } of error.issues)
    context.addIssue({ code: 'custom', message, path: [at, ...path], input: undefined })
  return z.NEVER
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
