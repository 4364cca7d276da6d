import type * as z from 'zod'
import { isBackupError } from '../errors.js'
import type { Driver, GetCall, PutCall } from '../ports/driver.js'
import { collect, once } from '../streams/bytes.js'

/** Stores a small JSON object that people may read, too. */
export async function storeNote(driver: Driver, key: string, note: object, call: PutCall): Promise<void> {
  await driver.put(key, once(Buffer.from(`${JSON.stringify(note, null, 2)}\n`)), call)
}

/** Reads such an object up to a maximum size. `undefined` if it is gone or does not match the schema. */
export async function readNote<T>(
  driver: Driver,
  key: string,
  { schema, longest }: { readonly schema: z.ZodType<T>; readonly longest: number },
  call: GetCall,
): Promise<T | undefined> {
  try {
    const bytes = await collect(driver.get(key, call), longest, key)
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data
  } catch (error) {
    const unreadable = error instanceof SyntaxError || isBackupError(error, 'corrupt')
    if (unreadable || isBackupError(error, 'not_found')) return undefined
    throw error
  }
}
