import { isBackupError } from '@s3db-backup/core'
import { errorTable } from '@s3db-backup/core/internal'
import type { Reader, Seed } from './reader.ts'

/** How reading an input ended, if it ended well. */
export interface Outcome {
  /** `original`, `valid`, or the code of the refusal. */
  readonly kind: string
  /** Outcomes of one class have the same kind and, apart from names and numbers, the same message. */
  readonly class: string
}

/** More processor time than any reader may take, in ms: a busy machine takes longer, and no more of that. */
const tooMuch = 30_000
/** Without an answer for so long, in ms, it hangs. */
const forever = 300_000

const meanings = new Map<string, Promise<string>>()

function meaningOf(reader: Reader, seed: Seed): Promise<string> {
  const key = `${reader.name}/${seed.name}`
  const known = meanings.get(key) ?? reader.read(seed.bytes, seed).then((value) => JSON.stringify(value))
  meanings.set(key, known)
  return known
}

/** Reads an input. Throws for any end but the two good ones: what it may mean, or a `BackupError` from the table. */
export async function outcomeOf(reader: Reader, bytes: Uint8Array, seed: Seed): Promise<Outcome> {
  const original = await meaningOf(reader, seed)
  const before = process.cpuUsage()
  const outcome = await unlessItHangs(endOf(reader, bytes, seed, original))
  const { user, system } = process.cpuUsage(before)
  const took = (user + system) / 1000
  if (took > tooMuch) throw new Error(`it took ${Math.round(took)} ms of processor time`)
  return outcome
}

async function endOf(reader: Reader, bytes: Uint8Array, seed: Seed, original: string): Promise<Outcome> {
  let value: unknown
  try {
    value = await reader.read(bytes, seed)
  } catch (error) {
    if (!isBackupError(error)) throw new Error(`not a BackupError: ${String(error)}`, { cause: error })
    if (!Object.hasOwn(errorTable, error.code)) throw new Error(`not in the table: ${error.code}`)
    if (error.code === 'internal') throw new Error(`a defect: ${error.message}`, { cause: error })
    return { kind: error.code, class: `${error.code}: ${withoutNames(error.message)}` }
  }
  if (reader.promises === 'valid') return { kind: 'valid', class: 'valid' }
  if (JSON.stringify(value) !== original) throw new Error(`read as something else: ${JSON.stringify(value)}`)
  return { kind: 'original', class: 'original' }
}

function unlessItHangs<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${forever} ms`)), forever)
  })
  return Promise.race([work, hung]).finally(() => clearTimeout(timer))
}

/** What differs between two failures of one cause: quoted texts, numbers, paths, and all but the first problem. */
function withoutNames(message: string): string {
  return message
    .split(';', 1)[0]!
    .replaceAll(/"[^"]*"|'[^']*'/g, '…')
    .replaceAll(/\d+/g, 'n')
    .replaceAll(/\S*[/.]\S*/g, '…')
    .slice(0, 60)
}
