import { isBackupError } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'

/** How something ended that may end in an error: `fine`, or the error's code. */
export type Ending = string

/** What `Object.prototype` had before anybody could pollute it. */
const own = Object.getOwnPropertyNames(Object.prototype).sort().join()

/** Throws for an end that is not told in words: any other error, or one that says that it is a defect. */
export async function endingOf(what: string, work: () => Promise<unknown>): Promise<Ending> {
  try {
    await work()
    return 'fine'
  } catch (error) {
    if (!isBackupError(error) || !Object.hasOwn(errorTable, error.code) || error.code === 'internal')
      throw new Error(`${what}: ${String(error)}`, { cause: error })
    if (error.message.length > 20_000)
      throw new Error(`${what}: a message of ${error.message.length} characters`)
    return error.code
  } finally {
    checkPrototypes(what)
  }
}

function checkPrototypes(what: string): void {
  const polluted = Reflect.get({}, 'polluted') !== undefined || Reflect.get([], 'polluted') !== undefined
  if (polluted || Object.getOwnPropertyNames(Object.prototype).sort().join() !== own)
    throw new Error(`${what}: a prototype was polluted`)
}
