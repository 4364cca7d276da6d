import { setTimeout } from 'node:timers/promises'
import type { Call } from '@s3db-backup/core'
import { isListed } from '../listing/is-listed.js'
import { isConditionFailed, isConditionRefused, isConflict } from './client-errors.js'
import type { Client } from './database.js'
import { derivedClients } from './derived-clients.js'
import type { OnRefusal } from './in-flight.js'
import { wasRepeated } from './objects.js'

/** What a client is asked for to store an object. */
export type Put = Parameters<Client['putObject']>[0]

/** The storage's answer to a conditional write. `refused`: it does not support conditions. */
type Answer = 'created' | 'exists' | 'refused'

/** S3 says itself that a write which meets another one is to be tried again. */
const tries = 5
const pause = 50

/** Writes once, on the condition that there is no such object. */
export async function putOnCondition(client: Client, put: Put, repeated?: OnRefusal): Promise<Answer> {
  const conditional = { ...put, ifNoneMatch: '*' } as const
  let answer: unknown = conflict
  for (let attempt = 1; answer === conflict && attempt < tries; attempt++) {
    if (attempt > 1) await setTimeout(pause * attempt * Math.random())
    answer = await onceOnly(client).putObject(conditional).catch(asAnswer)
  }
  if (answer === conflict) answer = await client.putObject(conditional).catch(asFinalAnswer)
  if (answer === conditionFailed) return 'exists'
  if (answer === conditionRefused) return 'refused'
  if (wasRepeated(answer)) repeated?.()
  return 'created'
}

/** Stand for answers: s3db.js repeats whatever fails, for seconds, and these would fail each time. */
const conditionFailed = Symbol('condition failed')
const conditionRefused = Symbol('condition refused')
const conflict = Symbol('conflict')

/** The client, without repeating a write that is refused because of its condition. */
const onceOnly = derivedClients(withoutRepeats)

function withoutRepeats(client: Client): Client {
  const execute: unknown = Reflect.get(client, '_executeOperation')
  if (typeof execute !== 'function') return client
  const value = (work: () => Promise<unknown>, options: unknown) =>
    execute.call(client, () => work().catch(asAnswer), options)
  return Object.create(client, { _executeOperation: { value } })
}

function asAnswer(error: unknown): symbol {
  return isConflict(error) ? conflict : asFinalAnswer(error)
}

function asFinalAnswer(error: unknown): symbol {
  if (isConditionFailed(error)) return conditionFailed
  if (isConditionRefused(error)) return conditionRefused
  throw error
}

/** Whether a server heeds conditions; `undefined` as long as that has not shown. */
const heeding = new WeakMap<Client, Promise<boolean | undefined>>()

/**
 * Whether the server is known to take no conditions, so that each creation costs a listing.
 */
export async function ignoresConditions(client: Client): Promise<boolean> {
  return (await heeding.get(client)) === false
}

/**
 * Stores an object on S3 unless there is one. Some servers say that they take no conditions, others store regardless, so
 * the first object is written a second time: a server that heeds conditions refuses that. Nothing is written but
 * the object itself, and nothing has to be deleted, so no other rights are needed than to restore.
 */
export async function createOnCondition(
  client: Client,
  put: Put,
  call: Call,
  repeated?: OnRefusal,
): Promise<'created' | 'exists'> {
  for (;;) {
    const known = heeding.get(client)
    if (known === undefined) return learn(client, put, call)
    const heeds = await known
    // The caller that tried has failed, but only for its own object.
    if (heeds === undefined) continue
    if (!heeds) return lookAndPut(client, put, call)
    const answer = await putOnCondition(client, put, repeated)
    return answer === 'refused' ? lookAndPut(client, put, call) : answer
  }
}

async function lookAndPut(client: Client, put: Put, call: Call): Promise<'created' | 'exists'> {
  if (await isListed(client, put.key, call)) return 'exists'
  await client.putObject(put)
  return 'created'
}

interface Learnt {
  readonly creation: 'created' | 'exists'
  readonly heeds: boolean | undefined
}

async function learn(client: Client, put: Put, call: Call): Promise<'created' | 'exists'> {
  const learning = createTwice(client, put, call)
  const known = learning.then(
    ({ heeds }) => heeds,
    // `learning` itself reports the failure; the next caller tries again.
    () => undefined,
  )
  heeding.set(client, known)
  if ((await known) === undefined) heeding.delete(client)
  return (await learning).creation
}

/** Looked for before: a server that takes no conditions would overwrite it. */
async function createTwice(client: Client, put: Put, call: Call): Promise<Learnt> {
  if (await isListed(client, put.key, call)) return { creation: 'exists', heeds: undefined }
  const first = await putOnCondition(client, put)
  if (first === 'created') {
    const second = await putOnCondition(client, put)
    return { creation: 'created', heeds: second === 'exists' }
  }
  // The object exists if another writer was quicker, or if the answer to an earlier try was lost. If it does not, the
  // server's answer was wrong.
  if (first === 'exists' && (await isListed(client, put.key, call)))
    return { creation: 'exists', heeds: true }
  await client.putObject(put)
  return { creation: 'created', heeds: false }
}
