import { randomUUID } from 'node:crypto'
import { type Call, type Driver, guard, isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'

const text = 'Written by the doctor of s3db-backup; may be deleted.'

/** Tries with one small object whatever backups need of a driver that knows no better. Leaves nothing there. */
export async function probeDriver(unguarded: Driver, call: Call): Promise<Finding[]> {
  const driver = guard(unguarded)
  const folder = `s3db-doctor-${randomUUID()}`
  const key = `${folder}/probe.jsonl`
  const findings: Finding[] = []
  const look = async (check: string, message: string, work: () => Promise<boolean>, otherwise: string) => {
    findings.push(await tried(check, message, work, otherwise, call))
    return findings.at(-1)?.level === 'ok'
  }
  const keys = async () => {
    const found: string[] = []
    for await (const info of driver.list(`${folder}/`, call)) found.push(info.key)
    return found
  }
  const write = async () => {
    await driver.put(key, body(), { ...call, kind: 'part' })
    return true
  }
  if (!(await look('write', 'Files can be written', write, ''))) return findings
  await look(
    'read',
    'Files read back as they were written',
    async () => (await read(driver, key, call)) === text,
    'Files do not read back as they were written',
  )
  await look(
    'listing',
    'Written files are listed',
    async () => (await keys()).join() === key,
    'Written files are not listed',
  )
  const remove = async () => {
    await driver.delete(key, call)
    return (await keys()).length === 0
  }
  await look('delete', 'Files can be deleted', remove, 'Deleted files are still listed')
  return [...findings, await compareClocks(driver, call)]
}

/** A difference in ms that people should know of. */
const worthTelling = 60_000

/** Whose clock counts here, and whether the two agree. */
async function compareClocks(driver: Driver, call: Call): Promise<Finding> {
  if (driver.clock === undefined)
    return {
      check: 'clock',
      level: 'ok',
      message: 'The destination has no clock; the clock of this machine is used',
    }
  try {
    const difference = (await driver.clock(call)).getTime() - Date.now()
    if (Math.abs(difference) < worthTelling)
      return { check: 'clock', level: 'ok', message: 'The clock agrees with the destination’s' }
    const direction = difference > 0 ? 'behind' : 'ahead of'
    const message = `The clock is ${Math.round(Math.abs(difference) / 1000)} s ${direction} the destination’s`
    return { check: 'clock', level: 'note', message, suggestion: 'Set the clock (NTP).' }
  } catch (error) {
    call.signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    return { check: 'clock', level: 'problem', message: error.message, suggestion: error.suggestion, error }
  }
}

async function* body(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function read(driver: Driver, key: string, call: Call): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of driver.get(key, { ...call, kind: 'part' })) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function tried(
  check: string,
  message: string,
  work: () => Promise<boolean>,
  otherwise: string,
  { signal }: Call,
): Promise<Finding> {
  try {
    if (await work()) return { check, level: 'ok', message }
    return { check, level: 'problem', message: otherwise, suggestion: 'Do not store backups here.' }
  } catch (error) {
    signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    return { check, level: 'problem', message: error.message, suggestion: error.suggestion, error }
  }
}
